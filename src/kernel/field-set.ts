/**
 * The paths that one pipeline reads, each with a number, and where a batch has them. A path is
 * found by its text if some query asked the sender for it, else through the top-level keys that a
 * batch of all fields carries: the longest key first, row by row, because a null counts as not
 * there. Batches of one connection and schema share their field list, so the search runs once a
 * schema, and once a stream where some path is read of some streams only.
 */
import { compilePath } from '../ir/path.ts';
import type { PathReader } from '../ir/path.ts';
import { pathText } from '../ir/path-text.ts';
import type { FieldPath } from '../ir/expression.ts';
import { hasStreams, pathIn } from '../ir/stream-path.ts';
import type { BatchField } from '../model/batch.ts';

export type FieldSource =
  | { readonly from: 'column'; readonly column: number }
  /** `later` read from the first candidate that is not null. */
  | {
      readonly from: 'keys';
      readonly candidates: readonly KeyCandidate[];
      readonly later: PathReader;
    }
  /** `rest` read from the object of all top-level keys. */
  | { readonly from: 'event'; readonly keys: readonly KeyColumn[]; readonly rest: PathReader };

/** `rest` of the name read from the value of a top-level key. */
export interface KeyCandidate {
  readonly column: number;
  readonly rest: PathReader;
}

export interface KeyColumn {
  readonly key: string;
  readonly column: number;
}

/** What a pipeline asks of a batch. */
interface Asked {
  readonly text: string;
  /** Null: a column that only the sender can make. */
  readonly path: FieldPath | null;
}

type Sources = readonly FieldSource[] | 'not-covered';
type SourcesOfFields = WeakMap<readonly BatchField[], Sources>;

export class FieldSet {
  readonly #asked: Asked[] = [];
  readonly #numbers = new Map<string, number>();
  /** Some path is read of some streams only. */
  #differs = false;
  /** By stream if it makes a difference, else under ''. */
  #sources = new Map<string, SourcesOfFields>();

  get size(): number {
    return this.#asked.length;
  }

  /** The number of `path`, which is new to the set or known. */
  number(path: FieldPath): number {
    return this.#ask({ text: pathText(path), path });
  }

  /** The number of the column that the sender must have put in under this name, as a mark. */
  mark(text: string): number {
    return this.#ask({ text, path: null });
  }

  /**
   * One source a path, in order of their numbers, in events of `stream`. `not-covered`: the sender
   * was not asked for one of them, so the batch says nothing about this pipeline.
   */
  sources(fields: readonly BatchField[], stream: string): Sources {
    const ofStream = this.#sourcesIn(this.#differs ? stream : '');
    let found = ofStream.get(fields);
    if (found === undefined) {
      found = resolve(this.#asked, fields, stream);
      ofStream.set(fields, found);
    }
    return found;
  }

  #sourcesIn(stream: string): SourcesOfFields {
    let found = this.#sources.get(stream);
    // There are at most as many as streams that the engine knows, which are bounded.
    if (found === undefined) this.#sources.set(stream, (found = new WeakMap()));
    return found;
  }

  #ask(asked: Asked): number {
    const known = this.#numbers.get(asked.text);
    if (known !== undefined) return known;
    const number = this.#asked.push(asked) - 1;
    this.#numbers.set(asked.text, number);
    this.#differs ||= asked.path !== null && hasStreams([asked.path]);
    this.#sources = new Map();
    return number;
  }
}

/** What is not there, wherever one looks. */
const NOWHERE: FieldSource = { from: 'keys', candidates: [], later: () => null };

function resolve(wanted: readonly Asked[], fields: readonly BatchField[], stream: string): Sources {
  const asked = new Map<string, number>();
  const keys: KeyColumn[] = [];
  fields.forEach(({ text, key }, column) => {
    if (key) keys.push({ key: text, column });
    else asked.set(text, column);
  });
  const sources: FieldSource[] = [];
  for (const { text, path: given } of wanted) {
    const path = given === null ? null : pathIn(stream, given);
    if (given !== null && path === null) {
      sources.push(NOWHERE);
      continue;
    }
    const column = asked.get(path === given || path === null ? text : pathText(path));
    if (column !== undefined) sources.push({ from: 'column', column });
    else if (keys.length > 0 && path !== null) sources.push(sourceFromKeys(path, keys));
    else return 'not-covered';
  }
  return sources;
}

function sourceFromKeys(path: FieldPath, keys: readonly KeyColumn[]): FieldSource {
  const [first, ...later] = path;
  if (first === undefined || (first.by !== 'key' && first.by !== 'name')) {
    return { from: 'event', keys, rest: compilePath(path) };
  }
  const columns = new Map(keys.map(({ key, column }) => [key, column]));
  const named = first.by === 'key' ? [{ key: first.key, rest: '' }] : splitsOf(first.name);
  const found = named.filter(({ key }) => columns.has(key));
  const [only] = found;
  if (found.length === 1 && only?.rest === '' && later.length === 0) {
    return { from: 'column', column: columns.get(only.key)! };
  }
  const candidates = found.map(({ key, rest }) => ({
    column: columns.get(key)!,
    rest: compilePath(rest === '' ? [] : [{ by: 'name', name: rest }]),
  }));
  return { from: 'keys', candidates, later: compilePath(later) };
}

/** `a.b.c` as the key `a.b.c`, the key `a.b` and a rest `c`, the key `a` and a rest `b.c`. */
function splitsOf(name: string): { readonly key: string; readonly rest: string }[] {
  const splits = [{ key: name, rest: '' }];
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    splits.push({ key: name.slice(0, dot), rest: name.slice(dot + 1) });
  }
  return splits;
}
