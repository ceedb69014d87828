/**
 * The open event streams and live sockets of one gateway: counts them, names them, and closes them
 * when the engine stops.
 */
import { EngineError } from '../core/errors.ts';

export interface LiveClient {
  /** Sends what waits, then closes. */
  goAway(): void;
}

export class LiveClients {
  readonly #clientsMax: number;
  readonly #clients = new Set<LiveClient>();
  #isStopping = false;
  #nextNumber = 1;

  constructor(clientsMax: number) {
    this.#clientsMax = clientsMax;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** @throws EngineError LIMIT_CLIENTS, ENGINE_STOPPING */
  assertRoom(): void {
    if (this.#isStopping) throw new EngineError('ENGINE_STOPPING', 'No new clients are taken.');
    if (this.#clients.size < this.#clientsMax) return;
    const detail = `${this.#clientsMax} clients are connected.`;
    throw new EngineError('LIMIT_CLIENTS', detail, { data: { limit: this.#clientsMax } });
  }

  /** A name for lists and limits, unique in this process: `sse#12 127.0.0.1:50123`. */
  name(kind: 'sse' | 'live', remote: string): string {
    return `${kind}#${this.#nextNumber++} ${remote}`;
  }

  add(client: LiveClient): void {
    this.#clients.add(client);
  }

  delete(client: LiveClient): void {
    this.#clients.delete(client);
  }

  goAway(): void {
    this.#isStopping = true;
    for (const client of [...this.#clients]) client.goAway();
  }
}
