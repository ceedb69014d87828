/**
 * Batches out of the outbox into frames for the connection at hand: one encoder per connection, the
 * outbox for the agent's life.
 */
import type { Config } from '../src/config.ts';
import { FrameEncoder } from '../src/wire/frame-encoder.ts';
import { encodePartialsFrame } from '../src/wire/partials-frame.ts';
import { Outbox } from './outbox.ts';
import type { HeldBatch } from './outbox.ts';
import type { WhenFull } from './overflow.ts';
import type { StreamState } from './stream-state.ts';

const FRAME_FAULTS: ReadonlySet<string> = new Set(['WIRE_BAD_FRAME', 'WIRE_FRAME_TOO_LARGE']);

export class Uplink {
  readonly outbox: Outbox;
  readonly #limits: Config;
  readonly #streams: ReadonlyMap<string, StreamState>;
  #encoder: FrameEncoder;
  /** The frame that was due when the engine last refused one. */
  #refusedFrom: number | null = null;

  /** The limits may change while it is in use. */
  constructor(limits: Config, whenFull: WhenFull, streams: ReadonlyMap<string, StreamState>) {
    this.#limits = limits;
    this.#streams = streams;
    this.#encoder = newEncoder(limits);
    this.outbox = new Outbox(limits, whenFull, (held, reason) => {
      streams.get(held.stream)?.gaveUp(held, reason);
    });
  }

  /** A new connection knows no schemas and no dictionaries. */
  reconnected(evaluatedSequence: number): void {
    this.#encoder = newEncoder(this.#limits);
    this.outbox.acknowledge(evaluatedSequence);
    this.outbox.connected();
  }

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
      if (held !== null) this.#streams.get(held.stream)?.gaveUp(held, 'malformed');
      this.#refusedFrom = null;
    } else this.#refusedFrom = from;
  }

  /** What waits is given up; what was sent stays sent. */
  giveUp(): void {
    this.outbox.clear((held) => this.#streams.get(held.stream)?.gaveUp(held, 'closed'));
  }

  #encode(held: HeldBatch, watermarkMs: number): Uint8Array {
    const { stream, frameSequence, firstSequence, epoch, filtered, batch } = held;
    if ('body' in batch) {
      return encodePartialsFrame({ frameSequence, epoch, filtered, watermarkMs }, batch.body);
    }
    const stamp = { stream, frameSequence, firstSequence, epoch, filtered, watermarkMs };
    return this.#encoder.encode(batch, stamp);
  }
}

function newEncoder(limits: Config): FrameEncoder {
  return new FrameEncoder({
    entriesMax: limits.dictionaryEntriesMax,
    bytesMax: limits.dictionaryBytesMax,
  });
}
