/**
 * Events straight into frames, for whoever needs no outbox between the two: benches, tests, and the
 * engine's own rim. Agents keep sealed batches and encode them themselves (`agents/outbox.ts`).
 */
import { CellBatchBuilder } from './cell-batch.ts';
import type { AppendOutcome, BatchLimits, FieldReader } from './cell-batch.ts';
import type { DictionaryLimits } from './dictionary-encoder.ts';
import type { Event } from '../model/value.ts';
import { FrameEncoder } from './frame-encoder.ts';
import type { FrameStamp } from './frame-encoder.ts';

export interface EventEncoder {
  readonly rows: number;
  append(event: Event, timeMs: number): AppendOutcome;
  /** One frame of everything appended since the last; the caller owns it. */
  finish(stamp: FrameStamp): Uint8Array;
}

export interface EventEncoderOptions {
  readonly readers: readonly FieldReader[];
  /** Also every top-level key. */
  readonly allKeys: boolean;
  readonly batch: BatchLimits;
  readonly dictionary: DictionaryLimits;
}

export function createEventEncoder(options: EventEncoderOptions): EventEncoder {
  const builder = new CellBatchBuilder(options.readers, options.allKeys, options.batch);
  const frames = new FrameEncoder(options.dictionary);
  return {
    get rows() {
      return builder.rows;
    },
    append: (event, timeMs) => builder.append(event, timeMs),
    finish: (stamp) => frames.encode(builder.seal(), stamp),
  };
}
