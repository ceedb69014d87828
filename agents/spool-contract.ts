/**
 * What an agent's session asks of a spool, and hears from it. Everything that touches the disk is
 * done behind it and later; nothing here waits or throws.
 */
import type { StoredBatch, StoredPlace } from './stored-frame.ts';

export interface SpoolPort {
  /** Something is kept, so that what is sealed now has to follow it. */
  readonly holds: boolean;
  /** The share of its bytes that is taken, 0 to 1. */
  readonly fill: number;
  /** Bytes that wait to be written, in memory. */
  readonly waitingBytes: number;
  /** Takes a batch in; false: there is no room for it. */
  push(batch: StoredBatch): boolean;
  /** Reads on; what was read is heard of. Does nothing while something is being read. */
  read(): void;
  /** A batch that was read was evaluated by an engine, or was given up. */
  done(place: StoredPlace): void;
  /** A batch that was read was not sent, and will not be by this process. */
  putBack(place: StoredPlace): void;
  /** Events of a stream that are kept and were not read. */
  rows(stream: string): number;
  /** No event of the stream that is kept and was not read is older; Infinity: none is kept. */
  oldestMs(stream: string): number;
}

export type SpoolNews =
  /** In the order in which they were taken in. */
  | { readonly type: 'loaded'; readonly batches: readonly StoredBatch[] }
  /** Events that were taken in and are lost; `isOwn` as of {@link StoredBatch}. */
  | {
      readonly type: 'lost';
      readonly stream: string;
      readonly rows: number;
      readonly isOwn: boolean;
    };
