/**
 * A batch that another thread gathered, as an event batch of this one: its strings get ids in the
 * shard's own table. Nothing here can fail, for it never was in a stranger's hands.
 */
import type { BatchField, Column, Dictionary, EventBatch, Interner } from '../model/batch.ts';
import type { TimeSpan } from '../model/batch.ts';
import type { GatheredBatch, GatheredColumn } from './gather-columns.ts';

export class ExchangedBatch implements EventBatch {
  readonly stream: string;
  readonly agentId: string;
  readonly incarnation: number | undefined;
  readonly firstSequence: number;
  readonly sequences: Float64Array;
  readonly rows: number;
  readonly times: Float64Array;
  readonly span: TimeSpan;
  readonly fields: readonly BatchField[];
  readonly #columns: readonly GatheredColumn[];
  readonly #interner: Interner;
  readonly #made: (Column | undefined)[] = [];

  /** `fields`: those of the batch, as the same list for as long as they do not change. */
  constructor(gathered: GatheredBatch, fields: readonly BatchField[], interner: Interner) {
    const { agentId, columns, incarnation, rows, sequences, stream, times } = gathered;
    this.stream = stream;
    this.agentId = agentId;
    this.incarnation = incarnation;
    this.sequences = sequences;
    this.firstSequence = sequences[0] ?? 0;
    this.rows = rows;
    this.times = times;
    this.span = spanOfTimes(times);
    this.fields = fields;
    this.#columns = columns;
    this.#interner = interner;
  }

  column(index: number): Column {
    return (this.#made[index] ??= this.#make(this.#columns[index]!));
  }

  #make(column: GatheredColumn): Column {
    if (column.kind !== 'dict') return column;
    const dictionary = new TextsDictionary(column.texts, this.#interner);
    return { kind: 'dict', codes: column.codes, dictionary };
  }
}

/** Strings that are all known from the start. Their ids are looked up when first asked for. */
export class TextsDictionary implements Dictionary {
  readonly generation = 0;
  readonly size: number;
  readonly #texts: readonly string[];
  readonly #interner: Interner;
  #ids: Uint32Array | null = null;

  constructor(texts: readonly string[], interner: Interner) {
    this.#texts = texts;
    this.#interner = interner;
    this.size = texts.length + 1;
  }

  get ids(): Uint32Array {
    if (this.#ids !== null) return this.#ids;
    const ids = new Uint32Array(this.size);
    for (let code = 1; code < this.size; code++) ids[code] = this.#interner.id(this.text(code));
    return (this.#ids = ids);
  }

  /** Those that were looked up; empty as long as nobody asked. */
  get knownIds(): Uint32Array {
    return this.#ids ?? new Uint32Array(0);
  }

  text(code: number): string {
    return this.#texts[code - 1]!;
  }
}

export function spanOfTimes(times: Float64Array): TimeSpan {
  let minMs = Infinity;
  let maxMs = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const timeMs = times[i]!;
    if (timeMs < minMs) minMs = timeMs;
    if (timeMs > maxMs) maxMs = timeMs;
  }
  return { minMs, maxMs };
}
