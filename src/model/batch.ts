/**
 * Events as columns: what the wire delivers and the kernels read. A batch is borrowed: its typed
 * arrays may view a receive buffer that is reused after the call that handed it over returns.
 *
 * Conventions that keep kernels branch-free:
 * - in `f64` columns and in every numeric vector NaN means null (JSON has no NaN);
 * - dictionary code 0 means null; code c > 0 is entry c of the connection's dictionary;
 * - `bool` columns hold 0 false, 1 true, 2 null;
 * - `i32` columns have no nulls (an encoder falls back to `f64`).
 */
import type { Value } from './value.ts';

export interface EventBatch {
  readonly stream: string;
  /** Who sent it: with the sequence of the first event, the tie-breaker of event order. */
  readonly agentId: string;
  /** Which life of the sender: a later one counts its events anew. Left out: it never resends. */
  readonly incarnation?: number | undefined;
  readonly firstSequence: number;
  /** Of each row, where rows were left out; else row i has `firstSequence + i`. */
  readonly sequences?: Float64Array;
  /**
   * What breaks ties of a row's time, where rows come from several events: in place of `agentId`,
   * and with it of `sequence`.
   */
  senderOf?(row: number): string;
  readonly rows: number;
  /** The sender aggregates by itself what it can: these are for all other queries. */
  readonly isAggregated?: boolean;
  /** Event time of each row in ms since 1970; length = rows. */
  readonly times: Float64Array;
  /** Of `times`; of none, from Infinity to −Infinity. */
  readonly span: TimeSpan;
  /** Names of the columns that the sender was asked for, found here or not: see `path-text.ts`. */
  readonly fields: readonly BatchField[];
  /** Decoded on first touch; index into `fields`. */
  column(index: number): Column;
}

/** Earliest and latest of some times, ms. */
export interface TimeSpan {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface BatchField {
  /** Canonical text of the path that was evaluated at the source (`user.plan`, `a[0]`). */
  readonly text: string;
  /** True: the exact top-level key `text`, shipped because some query asked for all fields. */
  readonly key: boolean;
}

export type Column =
  | NumberColumn
  | IntegerColumn
  | BooleanColumn
  | DictionaryColumn
  | TextColumn
  | VariantColumn
  | NullColumn;

export interface NumberColumn {
  readonly kind: 'f64';
  readonly values: Float64Array;
}

export interface IntegerColumn {
  readonly kind: 'i32';
  readonly values: Int32Array;
}

export interface BooleanColumn {
  readonly kind: 'bool';
  readonly values: Uint8Array;
}

export interface DictionaryColumn {
  readonly kind: 'dict';
  readonly codes: Uint16Array;
  readonly dictionary: Dictionary;
}

/** Strings as UTF-8; row i spans bytes[offsets[i], offsets[i+1]). */
export interface TextColumn {
  readonly kind: 'text';
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Bit i set: row i is null. Null: no row is. */
  readonly nulls: Uint8Array | null;
}

/** Anything else as JSON text (mixed types, lists, objects), laid out like text. */
export interface VariantColumn {
  readonly kind: 'variant';
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly nulls: Uint8Array | null;
}

/** Asked for, and no row has it. */
export interface NullColumn {
  readonly kind: 'null';
}

/**
 * Strings of one column of one connection, growing from batch to batch. Code 0 is null.
 * `ids[code]` is the string's id in the shard's {@link Interner}, equal for equal strings of all
 * connections; `ids[0]` is 0.
 */
export interface Dictionary {
  /** Changes when the dictionary is reset, so that memos keyed by code can be dropped. */
  readonly generation: number;
  /** Codes in use, including 0. */
  readonly size: number;
  readonly ids: Uint32Array;
  text(code: number): string;
}

/** Strings ⇄ small whole numbers, one table a shard. Id 0 is null. */
export interface Interner {
  id(text: string): number;
  text(id: number): string;
  readonly size: number;
}

/** Reads one cell as a value; for the row path and tests, not for kernels. */
export type CellReader = (row: number) => Value;
