/**
 * Gathers what trickles in, datagrams and lines, into bodies for a shard: one goes by size, or a
 * moment after its first byte. What is on its way is bounded; beyond the bound, and while no shard
 * takes anything, what comes is lost and counted.
 */
import type { Config } from '../config.ts';
import type { DropReason } from '../telemetry/signals.ts';
import type { EnginePort, IngestBody } from './engine-port.ts';

export type BodyKind = Omit<IngestBody, 'body'>;

/** What listeners ask of the engine. */
export type ListenerEngine = Pick<EnginePort, 'ingest' | 'lost'>;

const BODY_BYTES = 64 * 1024;
const WAIT_MS = 20;

export class BodyBatcher {
  readonly #kind: BodyKind;
  readonly #engine: ListenerEngine;
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  /** Messages among the parts. */
  #count = 0;
  #bytes = 0;
  /** Handed to shards and not answered. */
  #underWay = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(kind: BodyKind, engine: ListenerEngine, config: Config) {
    this.#kind = kind;
    this.#engine = engine;
    this.#bytesMax = config.listenerQueueBytesMax;
  }

  /** Share of the bound that is taken, 0 to 1: who can wait does so above a half. */
  get fill(): number {
    return (this.#bytes + this.#underWay) / this.#bytesMax;
  }

  /** One message in parts, which are kept: `messages` is what is lost if they are. */
  add(parts: readonly Uint8Array[], messages = 1): void {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    if (this.#bytes + this.#underWay + bytes > this.#bytesMax) {
      this.lost('queue', messages);
      return;
    }
    this.#parts.push(...parts);
    this.#count += messages;
    this.#bytes += bytes;
    if (this.#bytes >= BODY_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  lost(reason: DropReason, messages: number): void {
    if (messages > 0) this.#engine.lost(this.#kind.stream, reason, messages);
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#parts.length === 0) return;
    const body = Buffer.concat(this.#parts);
    const [bytes, messages] = [this.#bytes, this.#count];
    this.#parts = [];
    this.#bytes = 0;
    this.#count = 0;
    this.#underWay += bytes;
    void this.#engine
      .ingest({ ...this.#kind, body })
      // No shard is up, or the engine stops: nobody can be asked to send it again.
      .catch(() => this.lost('queue', messages))
      .finally(() => (this.#underWay -= bytes));
  }
}
