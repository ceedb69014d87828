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
    const { agentId, columns, rows, sequences, stream, times } = gathered;
    this.stream = stream;
    this.agentId = agentId;
    this.sequences = sequences;
    this.firstSequence = sequences[0] ?? 0;
    this.rows = rows;
    this.times = times;
    this.span = spanOf(times);
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

class TextsDictionary implements Dictionary {
  readonly generation = 0;
  readonly size: number;
  readonly ids: Uint32Array;
  readonly #texts: readonly string[];

  constructor(texts: readonly string[], interner: Interner) {
    this.#texts = texts;
    this.size = texts.length + 1;
    this.ids = new Uint32Array(this.size);
    for (let code = 1; code < this.size; code++) this.ids[code] = interner.id(texts[code - 1]!);
  }

  text(code: number): string {
    return this.#texts[code - 1]!;
  }
}

function spanOf(times: Float64Array): TimeSpan {
  let minMs = Infinity;
  let maxMs = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const timeMs = times[i]!;
    if (timeMs < minMs) minMs = timeMs;
    if (timeMs > maxMs) maxMs = timeMs;
  }
  return { minMs, maxMs };
}
