/**
 * Files of saved queries. `busy.mql` is one, called busy: its text, whose leading comment lines
 * describe it. A YAML file has one or, under `queries:`, several, each with `name`, `query` and, if
 * need be, `description`, `params` and `keep`. Everything wrong is told with line and column.
 */
import { isMap, isScalar, isSeq, LineCounter } from 'yaml';
import type { Document, Node, Scalar, YAMLMap } from 'yaml';
import { suggest } from '../../grammar/suggest.ts';
import { expandAliases } from '../core/expand-aliases.ts';
import { parseYaml } from '../core/yaml-text.ts';
import type { Value } from '../model/value.ts';

/** What a file says, before it is known to be right. */
export interface FileDefinition {
  readonly name: string;
  readonly text: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly description: string;
  readonly keep: boolean;
  readonly file: string;
  /** Where its text begins in the file, 1-based. */
  readonly line: number;
  readonly column: number;
  /** Blanks in front of each later line, which are not the text's. */
  readonly indent: number;
}

export interface QueryFileMistake {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface QueryFile {
  readonly definitions: readonly FileDefinition[];
  readonly mistakes: readonly QueryFileMistake[];
}

/** Names of files that are read in a directory. */
export const QUERY_FILE = /^[^.].*\.(?:mql|ya?ml)$/;

export function readQueryFile(file: string, text: string): QueryFile {
  if (!file.endsWith('.mql')) return new YamlReader(file, text).read();
  const name = file.slice(0, -'.mql'.length);
  const description = descriptionOf(text);
  const head = { file, line: 1, column: 1, indent: 0, name, description };
  return { definitions: [{ ...head, text, params: {}, keep: false }], mistakes: [] };
}

/** The comment lines that a text begins with. */
function descriptionOf(text: string): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const comment = /^\s*--\s?(.*)$/.exec(line)?.[1];
    if (comment === undefined) break;
    lines.push(comment.trim());
  }
  return lines.join(' ');
}

const FIELDS = ['name', 'query', 'description', 'params', 'keep'] as const;
type Field = (typeof FIELDS)[number];

class YamlReader {
  readonly #file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #mistakes: QueryFileMistake[] = [];

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#document = parseYaml(text, this.#lines);
  }

  read(): QueryFile {
    for (const { pos, message } of this.#document.errors) {
      this.#mistake(pos[0], message.split('\n')[0] ?? 'not YAML');
    }
    const found = this.#mistakes.length > 0 ? [] : this.#entries();
    const definitions = found.flatMap((entry) => this.#definition(entry) ?? []);
    return { definitions, mistakes: this.#mistakes };
  }

  #entries(): readonly Node[] {
    const root = this.#document.contents as Node | null;
    if (root === null) return [];
    const list = isMap(root) ? (root.get('queries', true) as Node | undefined) : undefined;
    if (list === undefined) return [root];
    if (isSeq(list)) return list.items as Node[];
    this.#mistake(startOf(list), '`queries:` is a list');
    return [];
  }

  #definition(entry: Node): FileDefinition | null {
    if (!isMap(entry)) {
      this.#mistake(startOf(entry), 'expected `name:` and `query:`');
      return null;
    }
    const before = this.#mistakes.length;
    this.#checkFields(entry);
    const name = this.#textOf(entry, 'name', true);
    const text = this.#textOf(entry, 'query', true);
    const description = this.#textOf(entry, 'description', false);
    const keep = this.#value(entry, 'keep') ?? false;
    const params = this.#value(entry, 'params') ?? {};
    if (typeof keep !== 'boolean') this.#fieldMistake(entry, 'keep', 'is true or false');
    if (!isRecord(params)) this.#fieldMistake(entry, 'params', 'holds values by name');
    if (this.#mistakes.length > before || typeof keep !== 'boolean') return null;
    const place = { file: this.#file, ...this.#placeOf(entry.get('query', true) as Scalar) };
    return { ...place, name, text, description, keep, params: params as Record<string, Value> };
  }

  /** Where a text begins: behind its quote, or in the line below its `|`. */
  #placeOf(node: Scalar): Pick<FileDefinition, 'line' | 'column' | 'indent'> {
    const offset = startOf(node);
    const { line, col } = this.#lines.linePos(offset);
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') {
      const quote = node.type === 'PLAIN' ? 0 : 1;
      return { line, column: col + quote, indent: 0 };
    }
    const below = this.#text.slice(this.#text.indexOf('\n', offset) + 1);
    const indent = /^ */.exec(below)?.[0].length ?? 0;
    return { line: line + 1, column: indent + 1, indent };
  }

  #checkFields(entry: YAMLMap): void {
    for (const { key } of entry.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if ((FIELDS as readonly string[]).includes(name)) continue;
      const near = suggest(name, FIELDS);
      const hint = near === null ? `Fields: ${FIELDS.join(', ')}.` : `Did you mean ${near}?`;
      this.#mistake(startOf(key as Node), `there is no field ${name}. ${hint}`);
    }
  }

  #textOf(entry: YAMLMap, field: Field, isNeeded: boolean): string {
    const value = this.#value(entry, field) ?? (isNeeded ? null : '');
    if (typeof value === 'string') return value;
    this.#fieldMistake(entry, field, value === null ? 'is missing' : 'is a text');
    return '';
  }

  #value(entry: YAMLMap, field: Field): unknown {
    const node = entry.get(field, true) as Node | undefined;
    return expandAliases(
      () => node?.toJS(this.#document) as unknown,
      (message) => this.#mistake(startOf(node ?? entry), message),
    );
  }

  #fieldMistake(entry: YAMLMap, field: Field, what: string): void {
    const node = (entry.get(field, true) as Node | undefined) ?? entry;
    this.#mistake(startOf(node), `\`${field}\` ${what}`);
  }

  #mistake(offset: number, message: string): void {
    const { line, col: column } = this.#lines.linePos(offset);
    this.#mistakes.push({ file: this.#file, line, column, severity: 'error', message });
  }
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
