/**
 * A shard thread's ports to the other shards: messages of one turn leave together, with the buffers
 * of gathered batches given away instead of copied. Not between threads that have no port (yet):
 * what is meant for a shard that is gone goes with it.
 */
import type { MessagePort } from 'node:worker_threads';
import { transferablesOf } from '../kernel/gather-columns.ts';
import type { PeerMessage } from '../shard/messages.ts';

export class PeerPorts {
  readonly #ports = new Map<number, MessagePort>();
  readonly #outbox = new Map<number, PeerMessage[]>();
  readonly #receive: (from: number, messages: readonly PeerMessage[]) => void;

  constructor(receive: (from: number, messages: readonly PeerMessage[]) => void) {
    this.#receive = receive;
  }

  /** A shard was started, perhaps anew. */
  connect(shard: number, port: MessagePort): void {
    this.#ports.get(shard)?.close();
    this.#outbox.delete(shard);
    this.#ports.set(shard, port);
    port.on('message', (messages: readonly PeerMessage[]) => {
      // What a shard sent before it was lost and started anew speaks of nothing that still is.
      if (this.#ports.get(shard) === port) this.#receive(shard, messages);
    });
  }

  push(shard: number, message: PeerMessage): void {
    const waiting = this.#outbox.get(shard);
    if (waiting === undefined) this.#outbox.set(shard, [message]);
    else waiting.push(message);
  }

  /** Ends a turn. */
  flush(): void {
    if (this.#outbox.size === 0) return;
    for (const [shard, messages] of this.#outbox) {
      const transfers = messages.flatMap((message) =>
        message.type === 'exchanged' ? transferablesOf(message.batch) : [],
      );
      this.#ports.get(shard)?.postMessage(messages, transfers);
    }
    this.#outbox.clear();
  }
}
