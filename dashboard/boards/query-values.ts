/** A query with its `$parameters` written out, for pages and commands that have no variables. */
import type { ValueObject } from '../../src/model/value.ts';

/** Texts, quoted names and comments keep their dollars. */
const PARTS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[^]*?\*\/|\$([A-Za-z_]\w*)/g;

export function withValues(query: string, values: ValueObject): string {
  return query.replace(PARTS, (part, name: string | undefined) => {
    if (name === undefined || !Object.hasOwn(values, name)) return part;
    const value = values[name];
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : part;
  });
}
