/**
 * Rows that are put together from rows of other batches: what a join gives. Columns are gathered
 * when they are first read. The batches that it refers to must not be borrowed; it keeps them.
 */
import { cellReader } from '../wire/cell-reader.ts';
import type {
  BatchField,
  CellReader,
  Column,
  EventBatch,
  Interner,
  TimeSpan,
} from '../model/batch.ts';
import { spanOfTimes } from './exchanged-batch.ts';
import { columnOfCells } from './value-columns.ts';

/** A row of a side that has none: every column is null. */
export const NO_BATCH = 0xffff_ffff;

/** Row i of a side is row `rowOf[i]` of batch `batchOf[i]`; or none: {@link NO_BATCH}. */
export interface RowRefs {
  readonly batches: readonly EventBatch[];
  readonly batchOf: Uint32Array;
  readonly rowOf: Uint32Array;
}

export interface JoinedSide {
  /** Of all batches of the side, in one order. */
  readonly fields: readonly BatchField[];
  readonly refs: RowRefs;
}

export class JoinedBatch implements EventBatch {
  readonly stream = '';
  readonly agentId = '';
  readonly firstSequence = 0;
  readonly rows: number;
  readonly times: Float64Array;
  readonly span: TimeSpan;
  /** Those of the left side, then of the right. */
  readonly fields: readonly BatchField[];
  readonly #left: JoinedSide;
  readonly #right: JoinedSide;
  readonly #interner: Interner;
  readonly #columns: (Column | undefined)[] = [];

  /** `fields`: the same list for all batches of a join. `times`: the first n count. */
  constructor(
    sides: { readonly left: JoinedSide; readonly right: JoinedSide },
    fields: readonly BatchField[],
    times: Float64Array,
    interner: Interner,
  ) {
    this.#left = sides.left;
    this.#right = sides.right;
    this.fields = fields;
    this.rows = times.length;
    this.times = times;
    this.span = spanOfTimes(times);
    this.#interner = interner;
  }

  column(index: number): Column {
    return (this.#columns[index] ??= this.#gather(index));
  }

  /**
   * The place of a row among rows of its time: the senders and sequences of the events that it
   * comes from, in the order of FROM, as a text that sorts so.
   */
  senderOf(row: number): string {
    return senderOfRef(this.#left.refs, row) + senderOfRef(this.#right.refs, row);
  }

  #gather(index: number): Column {
    const ofLeft = this.#left.fields.length;
    const { refs } = index < ofLeft ? this.#left : this.#right;
    const column = index < ofLeft ? index : index - ofLeft;
    const readers: CellReader[] = [];
    const { batchOf, batches, rowOf } = refs;
    const read: CellReader = (row) => {
      const batch = batchOf[row]!;
      if (batch === NO_BATCH) return null;
      return (readers[batch] ??= cellReader(batches[batch]!.column(column)))(rowOf[row]!);
    };
    return columnOfCells(read, this.rows, this.#interner);
  }
}

const SEQUENCE_DIGITS = 14;

function senderOfRef({ batches, batchOf, rowOf }: RowRefs, row: number): string {
  const index = batchOf[row]!;
  if (index === NO_BATCH) return '\u0000';
  const batch = batches[index]!;
  const at = rowOf[row]!;
  if (batch.senderOf !== undefined) return batch.senderOf(at);
  const { agentId, firstSequence, sequences } = batch;
  const sequence = sequences === undefined ? firstSequence + at : sequences[at]!;
  return `\u0001${agentId}\u0000${sequence.toString(16).padStart(SEQUENCE_DIGITS, '0')}`;
}
