/**
 * Batches out of the outbox into frames for the connection at hand: one encoder per connection, the
 * outbox for the agent's life.
 */
import type { Config } from '../src/config.ts';
import { FrameEncoder } from '../src/wire/frame-encoder.ts';
import { encodePartialsFrame } from '../src/wire/partials-frame.ts';
import { Outbox } from './outbox.ts';
import type { SpoolNews, SpoolPort } from './spool-contract.ts';
import { Spooling } from './spooling.ts';
import { stampedFrame } from './stored-frame.ts';
import type { StoredBatch } from './stored-frame.ts';
import type { HeldBatch } from './outbox.ts';
import type { WhenFull } from './overflow.ts';
import type { DropReason } from './publish-outcome.ts';
import type { StreamState, StreamSurroundings } from './stream-state.ts';

const FRAME_FAULTS: ReadonlySet<string> = new Set(['WIRE_BAD_FRAME', 'WIRE_FRAME_TOO_LARGE']);

export class Uplink {
  readonly outbox: Outbox;
  readonly #limits: Config;
  readonly #streams: ReadonlyMap<string, StreamState>;
  readonly #spooling: Spooling | null;
  #encoder: FrameEncoder;
  /** The frame that was due when the engine last refused one. */
  #refusedFrom: number | null = null;

  /** The limits may change while it is in use. */
  constructor(
    limits: Config,
    streams: ReadonlyMap<string, StreamState>,
    ends: { readonly whenFull: WhenFull; readonly spool: SpoolPort | null },
  ) {
    this.#limits = limits;
    this.#streams = streams;
    this.#encoder = newEncoder(limits);
    this.#spooling = ends.spool === null ? null : new Spooling(ends.spool, streams);
    this.outbox = new Outbox(limits, {
      whenFull: ends.whenFull,
      overflow: this.#spooling,
      onDrop: (held, reason) => this.#lose(held, reason),
    });
  }

  /** A connection is being made; what was sent before is dropped no more, so this stays so. */
  greeted(): { readonly resendFrom: number | null; readonly framesSent: number } {
    this.outbox.connected();
    return { resendFrom: this.outbox.resendFrom, framesSent: this.outbox.lastSequence };
  }

  /** A new connection knows no schemas and no dictionaries. */
  reconnected(evaluatedSequence: number): void {
    this.#encoder = newEncoder(this.#limits);
    this.acknowledge(evaluatedSequence);
  }

  /** The engine evaluated everything up to `sequence`. */
  acknowledge(sequence: number): void {
    const evaluated = this.outbox.acknowledge(sequence);
    this.#spooling?.done(evaluated);
  }

  /** On a connection: what is on disk comes next when there is room. */
  refill(): void {
    if (this.#spooling?.holds === true && this.outbox.isHalfEmpty) this.#spooling.read();
  }

  /** `streamOf` makes a stream that is not known yet; null: there are too many. */
  spoolNews(news: SpoolNews, streamOf: (batch: StoredBatch) => StreamState | null): void {
    if (news.type === 'lost') {
      const state = this.#streams.get(news.stream);
      if (!news.isOwn) state?.adopt(news.rows);
      state?.lost('spool', news.rows);
      return;
    }
    for (const batch of news.batches) {
      const state = streamOf(batch);
      const held = state === null ? null : this.#spooling?.heldFrom(batch, state);
      if (held !== null && held !== undefined) this.outbox.append(held);
    }
  }

  /** What of each stream waits on disk. */
  readonly spooled: StreamSurroundings['spooled'] = {
    rows: (stream) => this.#spooling?.rows(stream) ?? 0,
    oldestMs: (stream) => this.#spooling?.oldestMs(stream) ?? Infinity,
  };

  /** Frames to send now, until about `roomBytes` are full. */
  take(nowMs: number, roomBytes: number): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < roomBytes) {
      const before = this.outbox.lastSequence;
      const held = this.outbox.send();
      if (held === null) break;
      const stream = this.#streams.get(held.stream) as StreamState;
      if (held.frameSequence > before) stream.sent(held);
      const frame = this.#encode(held, stream.watermark(nowMs));
      bytes += frame.length;
      frames.push(frame);
    }
    return frames;
  }

  /**
   * The engine refused something and hung up. A frame that is refused again after a reconnect is
   * what is wrong, and not the line: it is given up, or it would be sent for ever.
   */
  refused(code: string): void {
    if (!FRAME_FAULTS.has(code)) return;
    const from = this.outbox.resendFrom;
    if (from !== null && from === this.#refusedFrom) {
      const held = this.outbox.dropFirst();
      if (held !== null) this.#lose(held, 'malformed');
      this.#refusedFrom = null;
    } else this.#refusedFrom = from;
  }

  /** What waits is given up, or kept on disk; what was sent stays sent. */
  giveUp(isKept: boolean): void {
    this.outbox.clear((held) => {
      if (!isKept || this.#spooling?.keep(held) !== true) this.#lose(held, 'closed');
    });
  }

  #lose(held: HeldBatch, reason: DropReason): void {
    this.#spooling?.done([held]);
    this.#streams.get(held.stream)?.gaveUp(held, reason);
  }

  #encode(held: HeldBatch, watermarkMs: number): Uint8Array {
    const { stream, frameSequence, firstSequence, epoch, filtered, batch } = held;
    if ('body' in batch) {
      return encodePartialsFrame({ frameSequence, epoch, filtered, watermarkMs }, batch.body);
    }
    const stamp = { stream, frameSequence, firstSequence, epoch, filtered, watermarkMs };
    if ('frame' in batch) return stampedFrame(batch, stamp, this.#encoder.ownSchemaId);
    return this.#encoder.encode(batch, stamp);
  }
}

function newEncoder(limits: Config): FrameEncoder {
  return new FrameEncoder({
    entriesMax: limits.dictionaryEntriesMax,
    bytesMax: limits.dictionaryBytesMax,
  });
}
