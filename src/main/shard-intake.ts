/**
 * Bodies of HTTP requests that come to a shard's own socket: they are read right there, and the
 * answers to them go no further. Their numbers are negative, so that they are not the
 * coordinator's.
 */
import { EngineError } from '../core/errors.ts';
import type { IngestBody } from '../gateway/engine-port.ts';
import type { IngestRequest, IngestVerdict, ShardOutput } from '../shard/messages.ts';

export class ShardIntake {
  readonly #handle: (request: IngestRequest) => void;
  readonly #waiting = new Map<number, (verdict: IngestVerdict) => void>();
  #next = -1;
  isDraining = false;

  constructor(handle: (request: IngestRequest) => void) {
    this.#handle = handle;
  }

  ingest(body: IngestBody): Promise<IngestVerdict> {
    if (this.isDraining) {
      return Promise.reject(new EngineError('ENGINE_STOPPING', 'no new events are taken'));
    }
    const request = this.#next--;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#handle({ type: 'ingest', request, ...body });
    });
  }

  /** True if the message is the answer to a body of this shard's own. */
  hears(message: ShardOutput): boolean {
    if (message.type !== 'ingested' || message.request >= 0) return false;
    this.#waiting.get(message.request)?.(message);
    this.#waiting.delete(message.request);
    return true;
  }
}
