/**
 * Bodies of HTTP requests that come to a shard's own socket: they are read right there, and the
 * answers to them go no further.
 */
import { EngineError } from '../core/errors.ts';
import type { IngestBody } from '../gateway/engine-port.ts';
import type { IngestRequest, IngestVerdict, ShardOutput } from '../shard/messages.ts';
import { WaitingBodies } from './waiting-bodies.ts';

/** There is no other here, and it ends with whoever waits. */
const OWN_SHARD = 0;

export class ShardIntake {
  readonly #handle: (request: IngestRequest) => void;
  readonly #bodies = new WaitingBodies(-1);
  isDraining = false;

  constructor(handle: (request: IngestRequest) => void) {
    this.#handle = handle;
  }

  ingest(body: IngestBody): Promise<IngestVerdict> {
    if (this.isDraining) {
      return Promise.reject(new EngineError('ENGINE_STOPPING', 'no new events are taken'));
    }
    const request = this.#bodies.number();
    const verdict = this.#bodies.wait(request, OWN_SHARD);
    this.#handle({ type: 'ingest', request, ...body });
    return verdict;
  }

  /** True if the message is the answer to a body of this shard's own. */
  hears(message: ShardOutput): boolean {
    if (message.type !== 'ingested' || message.request >= 0) return false;
    this.#bodies.answer(message);
    return true;
  }
}
