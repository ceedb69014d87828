/**
 * The last word on a sample of so many events a second that is extrapolated: what is too much is
 * drawn from once more, and what is left stands for that, too. Hands on a batch with one column
 * more, which says how many events each row stands for.
 */
import { RateWeights } from '../edge/rate-weights.ts';
import { javaStringHash } from '../edge/sample-hash.ts';
import { pathText } from '../ir/path-text.ts';
import { sampleMark, WEIGHT_PATH } from '../ir/sample.ts';
import type { BatchField, Column, EventBatch, TimeSpan } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';

const WEIGHT_FIELD: BatchField = { text: pathText(WEIGHT_PATH), key: false };

interface WeighedFields {
  readonly fields: readonly BatchField[];
  /** Of the column with the senders' weights; −1: there is none. */
  readonly mark: number;
}

export class RowWeigher {
  readonly #weights: RateWeights;
  readonly #mark: string;
  /** By the field list of the batch, so that equal lists stay one list. */
  readonly #fields = new WeakMap<readonly BatchField[], WeighedFields>();
  /** The rows of the last {@link select}. */
  selected: Uint32Array = new Uint32Array(0);

  constructor(perSecond: number, query: string) {
    this.#mark = sampleMark(query);
    this.#weights = new RateWeights(perSecond, javaStringHash(this.#mark));
  }

  /** The batch with its weights, of which the first `n` of `selected` are rows that were taken. */
  select(
    batch: EventBatch,
    rows: Uint32Array,
    n: number,
  ): { readonly batch: EventBatch; readonly n: number } {
    const { fields, mark } = this.#fieldsOf(batch.fields);
    const column = mark < 0 ? null : batch.column(mark);
    const given = column?.kind === 'f64' || column?.kind === 'i32' ? column.values : null;
    const weights = new Float64Array(batch.rows);
    this.selected = grownUints(this.selected, n);
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const weight = this.#weights.weigh(batch.times[row]!);
      if (weight === 0) continue;
      weights[row] = given === null ? weight : weight * given[row]!;
      this.selected[kept++] = row;
    }
    return { batch: new WeighedBatch(batch, fields, weights), n: kept };
  }

  #fieldsOf(fields: readonly BatchField[]): WeighedFields {
    let found = this.#fields.get(fields);
    if (found === undefined) {
      const mark = fields.findIndex(({ text, key }) => !key && text === this.#mark);
      found = { fields: [...fields, WEIGHT_FIELD], mark };
      this.#fields.set(fields, found);
    }
    return found;
  }
}

/** A batch with one column more, which is its last. */
class WeighedBatch implements EventBatch {
  readonly stream: string;
  readonly agentId: string;
  readonly firstSequence: number;
  readonly sequences?: Float64Array;
  readonly rows: number;
  readonly times: Float64Array;
  readonly span: TimeSpan;
  readonly fields: readonly BatchField[];
  readonly #batch: EventBatch;
  readonly #weights: Column;

  constructor(batch: EventBatch, fields: readonly BatchField[], weights: Float64Array) {
    this.stream = batch.stream;
    this.agentId = batch.agentId;
    this.firstSequence = batch.firstSequence;
    if (batch.sequences !== undefined) this.sequences = batch.sequences;
    this.rows = batch.rows;
    this.times = batch.times;
    this.span = batch.span;
    this.fields = fields;
    this.#batch = batch;
    this.#weights = { kind: 'f64', values: weights };
  }

  column(index: number): Column {
    return index === this.fields.length - 1 ? this.#weights : this.#batch.column(index);
  }
}
