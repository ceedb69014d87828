/**
 * The frames of one agent's session: events and partials, numbered together. Each is taken once and
 * in order, also if it comes again after a reconnect, and moves its stream on.
 */
import type { Config } from '../config.ts';
import type { Interner } from '../model/batch.ts';
import type { EventFrameHeader } from '../wire/event-batch-header.ts';
import { createEventDecoder } from '../wire/event-decoder.ts';
import type { EventDecoder } from '../wire/event-decoder.ts';
import type { DecodedBatch } from '../wire/frame-batch.ts';
import type { HelloMessage } from '../wire/agent-messages.ts';
import { decodePartials, isPartialsFrame } from '../wire/partials-frame.ts';
import { isPackedFrame } from '../wire/packed-layout.ts';
import { unpackedFrame } from './packed-frame.ts';
import type { PlanSet } from './plan-set.ts';
import { promise } from './stream-page.ts';
import type { StreamPage } from './stream-page.ts';

export interface LeftOut {
  readonly count: number;
  readonly atMs: number;
  /** The agent aggregates by itself where it is asked to. */
  readonly isAggregated: boolean;
}

/** Where what frames hold goes. */
export interface FramePort {
  readonly config: Config;
  readonly interner: Interner;
  /** Evaluates a batch; the page takes the counts. */
  readonly evaluate: (batch: DecodedBatch, page: StreamPage, nowMs: number) => void;
  /** Events an agent looked at and did not ship, attributed to the moment before `atMs`. */
  readonly filtered: (stream: string, left: LeftOut) => void;
  /** Where partials go. */
  readonly deltas: Pick<PlanSet, 'deltaShape' | 'addDelta'>;
}

export interface FrameSource {
  readonly agentId: string;
  readonly incarnation: number;
  /** It speaks a version in which it may be asked for partials. */
  readonly aggregates: boolean;
  /** The streams it offers. */
  readonly pages: ReadonlyMap<string, StreamPage>;
  /** Frames up to here were evaluated in an earlier session. */
  readonly evaluatedSequence: number;
  /** Of the first frame of this session; null: the agent does not say, and it may be any. */
  readonly firstSequence: number | null;
}

/**
 * Which frame an agent sends first: the lowest that it holds and that was not evaluated, or else
 * its next new one.
 */
export function firstSequenceOf(
  { framesSent, resendFrom }: Pick<HelloMessage, 'framesSent' | 'resendFrom'>,
  evaluatedSequence: number,
): number | null {
  if (framesSent === undefined || framesSent === null) return null;
  if (resendFrom === null) return framesSent + 1;
  return Math.min(framesSent + 1, Math.max(resendFrom, evaluatedSequence + 1));
}

export class AgentFrames {
  evaluatedSequence: number;
  readonly #port: FramePort;
  readonly #source: FrameSource;
  readonly #decoder: EventDecoder;
  /** Of the next frame; null: any, as it is the first. */
  #dueSequence: number | null;

  constructor(port: FramePort, source: FrameSource) {
    const { config: limits, interner } = port;
    const { agentId, incarnation, aggregates: isAggregated } = source;
    this.#port = port;
    this.#source = source;
    this.evaluatedSequence = source.evaluatedSequence;
    this.#dueSequence = source.firstSequence;
    this.#decoder = createEventDecoder({ agentId, incarnation, isAggregated, interner, limits });
  }

  /** Ids of strings this connection's dictionaries still use. */
  usedIds(): Iterable<number> {
    return this.#decoder.usedIds();
  }

  /** What is wrong with the frame; null: it was taken, or had been. */
  take(received: Uint8Array, nowMs: number): string | null {
    const plain = isPackedFrame(received) ? unpackedFrame(received, this.#port.config) : null;
    if (plain?.ok === false) return plain.error.detail;
    const bytes = plain?.value ?? received;
    const isPartials = this.#source.aggregates && isPartialsFrame(bytes);
    return isPartials ? this.#partials(bytes, nowMs) : this.#events(bytes, nowMs);
  }

  leftOut(stream: string, count: number, atMs: number): void {
    this.#port.filtered(stream, { count, atMs, isAggregated: this.#source.aggregates });
  }

  #events(bytes: Uint8Array, nowMs: number): string | null {
    const decoded = this.#decoder.decode(bytes);
    if (!decoded.ok) return decoded.error.detail;
    const batch = decoded.value;
    const arrived = { bytes: bytes.byteLength, nowMs };
    return this.#take(batch.header, arrived, (page) => {
      page.received += batch.rows;
      this.#port.evaluate(batch, page, nowMs);
    });
  }

  #partials(bytes: Uint8Array, nowMs: number): string | null {
    const { config: limits, deltas } = this.#port;
    const { agentId } = this.#source;
    const shapeOf = deltas.deltaShape.bind(deltas);
    const decoded = decodePartials(bytes, { agentId, limits, shapeOf });
    if (!decoded.ok) return decoded.error.detail;
    const latestMs = nowMs + limits.futureMsMax;
    return this.#take(decoded.value.header, { bytes: bytes.byteLength, nowMs }, () => {
      for (const delta of decoded.value.deltas) deltas.addDelta(delta, latestMs);
    });
  }

  #take(
    header: Omit<EventFrameHeader, 'rows' | 'firstSequence'>,
    arrived: { readonly bytes: number; readonly nowMs: number },
    evaluate: (page: StreamPage) => void,
  ): string | null {
    const { filtered, frameSequence, stream, watermarkMs } = header;
    const page = this.#source.pages.get(stream);
    if (page === undefined) return `the stream ${stream} was not offered`;
    const due = this.#dueSequence;
    if (due !== null && frameSequence !== due) {
      // The agent resends from the last acknowledgement when it is back.
      return `frame ${frameSequence} came, ${due} was due`;
    }
    this.#dueSequence = frameSequence + 1;
    // A frame that was evaluated before its acknowledgement arrived comes again after a reconnect.
    if (frameSequence <= this.evaluatedSequence) return null;
    page.bytes += arrived.bytes;
    evaluate(page);
    this.evaluatedSequence = frameSequence;
    if (filtered > 0) {
      this.leftOut(stream, filtered, watermarkMs);
      if (page.filtered !== null) page.filtered += filtered;
    }
    promise(page, watermarkMs, arrived.nowMs);
    return null;
  }
}
