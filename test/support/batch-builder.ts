/**
 * Event batches in memory, as a connection would deliver them: every column kind, dictionaries that
 * persist from batch to batch and can be reset. Knows nothing of the wire.
 */
import type { FieldPath } from '../../src/ir/expression.ts';
import { readPath } from '../../src/ir/path.ts';
import { pathText } from '../../src/ir/path-text.ts';
import type {
  BatchField,
  Column,
  Dictionary,
  EventBatch,
  Interner,
} from '../../src/model/batch.ts';
import type { Event, Value } from '../../src/model/value.ts';

export function namePath(name: string): FieldPath {
  return [{ by: 'name', name }];
}

export class TestInterner implements Interner {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [''];

  get size(): number {
    return this.#texts.length;
  }

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  text(id: number): string {
    return this.#texts[id] ?? '';
  }
}

class TestDictionary implements Dictionary {
  generation = 0;
  ids = new Uint32Array(4);
  size = 1;
  readonly #interner: Interner;
  #codes = new Map<string, number>();

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  text(code: number): string {
    return this.#interner.text(this.ids[code]!);
  }

  code(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    if (this.size === this.ids.length) {
      const grown = new Uint32Array(this.size * 2);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids[this.size] = this.#interner.id(text);
    this.#codes.set(text, this.size);
    return this.size++;
  }

  reset(): void {
    this.generation++;
    this.size = 1;
    this.#codes = new Map();
  }
}

export interface BatchOptions {
  /** Asked for by their texts. */
  readonly paths?: readonly FieldPath[];
  /** Also every top-level key. */
  readonly allKeys?: boolean;
  /** Strings as text and not by dictionary. */
  readonly plain?: boolean;
  /** Default: `stream`. */
  readonly stream?: string;
  /** Of each row; 1, 2, … ms if absent. */
  readonly times?: readonly number[];
}

export interface ConnectionOptions {
  readonly agentId?: string;
  /** Shared by the connections of one shard. */
  readonly interner?: Interner;
}

/** One sender; its batches share dictionaries and count events. */
export class TestConnection {
  readonly #agentId: string;
  readonly #interner: Interner;
  readonly #dictionaries = new Map<string, TestDictionary>();
  readonly #fields = new Map<string, readonly BatchField[]>();
  #sequence = 0;

  constructor(options: ConnectionOptions = {}) {
    this.#agentId = options.agentId ?? 'a';
    this.#interner = options.interner ?? new TestInterner();
  }

  resetDictionaries(): void {
    for (const dictionary of this.#dictionaries.values()) dictionary.reset();
  }

  batch(events: readonly Event[], options: BatchOptions): EventBatch {
    const paths = options.paths ?? [];
    const keys = options.allKeys === true ? keysOf(events) : [];
    const fields = this.#fieldList(paths, keys);
    const cells = [
      ...paths.map((path) => events.map((event) => readPath(event, path))),
      ...keys.map((key) => events.map((event) => readPath(event, [{ by: 'key', key }]))),
    ];
    const columns = cells.map((values, i) =>
      this.#column(`${fields[i]!.key}${fields[i]!.text}`, values, options.plain ?? false),
    );
    const firstSequence = this.#sequence;
    this.#sequence += events.length;
    const times = Float64Array.from(events, (_, i) => options.times?.[i] ?? i + 1);
    return {
      stream: options.stream ?? 'stream',
      agentId: this.#agentId,
      firstSequence,
      rows: events.length,
      times,
      span: { minMs: Math.min(...times), maxMs: Math.max(...times) },
      fields,
      column: (index) => columns[index]!,
    };
  }

  /** The same list for the same fields, as a connection's schema has it. */
  #fieldList(paths: readonly FieldPath[], keys: readonly string[]): readonly BatchField[] {
    const fields = [
      ...paths.map((path) => ({ text: pathText(path), key: false })),
      ...keys.map((text) => ({ text, key: true })),
    ];
    const name = JSON.stringify(fields);
    const known = this.#fields.get(name) ?? fields;
    this.#fields.set(name, known);
    return known;
  }

  #column(name: string, values: readonly Value[], plain: boolean): Column {
    const present = values.filter((value) => value !== null);
    if (present.length === 0) return { kind: 'null' };
    if (present.every((value) => typeof value === 'number')) return numberColumn(values);
    if (present.every((value) => typeof value === 'boolean')) {
      const codes = values.map((value) => (value === null ? 2 : value === true ? 1 : 0));
      return { kind: 'bool', values: Uint8Array.from(codes) };
    }
    if (!present.every((value) => typeof value === 'string')) {
      const texts = values.map((value) => (value === null ? null : JSON.stringify(value)));
      return { kind: 'variant', ...textLayout(texts) };
    }
    const texts = values as readonly (string | null)[];
    // A lone surrogate has no UTF-8, but the dictionary of this builder could hold it.
    if (plain) return { kind: 'text', ...textLayout(texts) };
    let dictionary = this.#dictionaries.get(name);
    if (dictionary === undefined) {
      dictionary = new TestDictionary(this.#interner);
      this.#dictionaries.set(name, dictionary);
    }
    const codes = texts.map((text) => (text === null ? 0 : dictionary.code(text)));
    return { kind: 'dict', codes: Uint16Array.from(codes), dictionary };
  }
}

function keysOf(events: readonly Event[]): string[] {
  const keys = new Set<string>();
  for (const event of events) {
    for (const key of Object.keys(event)) if (event[key] !== null) keys.add(key);
  }
  return [...keys].sort();
}

function numberColumn(values: readonly Value[]): Column {
  const isInteger = values.every(
    (value) => typeof value === 'number' && Object.is(value | 0, value),
  );
  if (isInteger) return { kind: 'i32', values: Int32Array.from(values as number[]) };
  const numbers = values.map((value) => (value === null ? Number.NaN : (value as number)));
  return { kind: 'f64', values: Float64Array.from(numbers) };
}

function textLayout(texts: readonly (string | null)[]): {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly nulls: Uint8Array | null;
} {
  const encoded = texts.map((text) => new TextEncoder().encode(text ?? ''));
  const offsets = new Uint32Array(texts.length + 1);
  encoded.forEach((bytes, i) => {
    offsets[i + 1] = offsets[i]! + bytes.length;
  });
  const all = new Uint8Array(offsets[texts.length]!);
  encoded.forEach((bytes, i) => all.set(bytes, offsets[i]));
  const nulls = new Uint8Array(Math.ceil(texts.length / 8));
  texts.forEach((text, i) => {
    if (text === null) nulls[i >> 3]! |= 1 << (i & 7);
  });
  return { offsets, bytes: all, nulls: texts.includes(null) ? nulls : null };
}
