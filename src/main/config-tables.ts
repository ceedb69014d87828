/**
 * Reads `tables` of `squilla.yaml`: names, where their rows come from, how often they are renewed.
 */
import { suggest } from '../../grammar/suggest.ts';
import { NUMBER_SETTINGS } from '../config.ts';
import { isTableName } from '../model/read-table.ts';
import type { TableFormat } from '../model/read-table.ts';
import { urlMistake } from '../store/table-source.ts';
import type { TableOption } from './engine-options.ts';

export interface TableItem {
  readonly value: unknown;
  /** Where it stands in the file. */
  readonly at: number;
}

const MEMBERS = ['name', 'file', 'url', 'key', 'format', 'refreshMs', 'tokenFile'] as const;
const TEXTS = ['file', 'url', 'key', 'format', 'tokenFile'] as const;
const FORMATS: readonly unknown[] = ['csv', 'json', 'ndjson'] satisfies TableFormat[];

/** Tables without a mistake; the others are told to `mistake`. */
export function readTables(
  items: readonly TableItem[],
  mistake: (at: number, message: string) => void,
): TableOption[] {
  const tables = new Map<string, TableOption>();
  for (const { at, value } of items) {
    const read = readTable(value);
    if (typeof read === 'string') mistake(at, read);
    else if (tables.has(read.name)) mistake(at, `two tables are called \`${read.name}\``);
    else tables.set(read.name, read);
  }
  return [...tables.values()];
}

type Item = Readonly<Record<string, unknown>>;

/** A text: what is wrong. */
function readTable(value: unknown): TableOption | string {
  if (typeof value !== 'object' || value === null) return 'a table is {name, file or url, key}';
  const item = value as Item;
  const wrong = memberMistake(item) ?? sourceMistake(item) ?? refreshMistake(item);
  if (wrong !== null) return wrong;
  const { file, format, key, name, refreshMs, tokenFile, url } = item;
  return {
    name: name as string,
    kind: url === undefined ? 'file' : 'url',
    location: (url ?? file) as string,
    format: (format ?? null) as TableFormat | null,
    key: (key ?? null) as string | null,
    refreshMs: (refreshMs ?? null) as number | null,
    tokenFile: (tokenFile ?? null) as string | null,
  };
}

function memberMistake(item: Item): string | null {
  const unknown = Object.keys(item).find((name) => !(MEMBERS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    const near = suggest(unknown, MEMBERS);
    return `a table has no \`${unknown}\`${near ? `; \`${near}\`?` : ''}`;
  }
  const { name } = item;
  if (typeof name !== 'string' || !isTableName(name)) {
    return 'a table needs a `name`: a letter, then up to 127 letters, digits or `_ . : -`';
  }
  const wrong = TEXTS.find((one) => item[one] !== undefined && typeof item[one] !== 'string');
  return wrong === undefined ? null : `\`${wrong}\` of the table ${name} is a text`;
}

function sourceMistake({ file, format, name, tokenFile, url }: Item): string | null {
  if ((file === undefined) === (url === undefined)) {
    return `the table ${String(name)} needs either \`file\` or \`url\``;
  }
  const mistake = url === undefined ? null : urlMistake(url as string);
  if (mistake !== null) return `the table ${String(name)}: ${mistake}`;
  if (url === undefined && tokenFile !== undefined) return 'a `tokenFile` is for a `url`';
  if (format === undefined || FORMATS.includes(format)) return null;
  return `\`format\` of the table ${String(name)} is one of ${FORMATS.join(', ')}`;
}

function refreshMistake({ name, refreshMs }: Item): string | null {
  if (refreshMs === undefined) return null;
  const { max, min } = NUMBER_SETTINGS.tableRefreshMs;
  const value = Number.isInteger(refreshMs) ? Number(refreshMs) : Number.NaN;
  if (value >= min && value <= max) return null;
  return `\`refreshMs\` of the table ${String(name)} is from ${min} to ${max} ms`;
}
