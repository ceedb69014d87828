/**
 * Several shards behind one listening thread: where shards cannot share a port (ws before Node
 * 22.12), the main thread listens, deals connections out in turn, or to the shard that an agent was
 * asked to move to, and passes frames on. Slower than a shard's own socket, and the same to
 * everything else.
 */
import type { IngestApp } from '../gateway/ingest-app.ts';
import type {
  IngestListener,
  IngestListenOptions,
  IngestTransport,
} from '../gateway/ingest-transport.ts';
import type { ConnectionInput } from '../shard/effects.ts';

/** What a shard without sockets of its own wants done with one. */
export type SocketCommand =
  | { readonly type: 'send'; readonly connection: number; readonly text: string }
  | {
      readonly type: 'disconnect';
      readonly connection: number;
      readonly code: number;
      readonly reason: string;
    };

const GOING_AWAY = 1001;
/** What is wanted beyond is dealt in turn. */
const WANTED_MAX = 64;

export class ForwardingListener {
  readonly #forward: (shard: number, input: ConnectionInput) => void;
  readonly #shardOf = new Map<number, number>();
  readonly #shardCount: number;
  readonly #shardsUp = new Set<number>();
  #listener: IngestListener | null = null;
  /** Each for a connection that an agent was asked to make. */
  readonly #wanted: number[] = [];
  #next = 0;

  constructor(shardCount: number, forward: (shard: number, input: ConnectionInput) => void) {
    this.#shardCount = shardCount;
    this.#forward = forward;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** @throws EngineError if the port is taken. */
  async listen(
    transport: IngestTransport,
    options: IngestListenOptions,
    app: Pick<IngestApp, 'handle'>,
  ): Promise<void> {
    this.#listener = await transport.listen(options, {
      open: (connection, kind) => {
        const shard = this.#nextShard();
        if (shard === null) {
          this.#listener?.disconnect(connection, GOING_AWAY, 'no shard is up');
          return;
        }
        this.#shardOf.set(connection, shard);
        this.#pass({ type: 'open', connection, kind });
      },
      text: (connection, text) => this.#pass({ type: 'text', connection, text }),
      // The bytes are borrowed from the socket; the shard gets a copy of its own.
      binary: (connection, bytes) => {
        this.#pass({ type: 'binary', connection, bytes: bytes.slice() });
      },
      closed: (connection) => {
        this.#pass({ type: 'closed', connection });
        this.#shardOf.delete(connection);
      },
      request: (head, readBody) => app.handle(head, readBody),
    });
  }

  obey(commands: readonly SocketCommand[]): void {
    for (const command of commands) {
      if (command.type === 'send') this.#listener?.send(command.connection, command.text);
      else this.#listener?.disconnect(command.connection, command.code, command.reason);
    }
  }

  /**
   * An agent was asked to connect anew, so that `shard` gets it: the next connection is dealt so.
   */
  expect(shard: number): void {
    if (this.#wanted.length < WANTED_MAX) this.#wanted.push(shard);
  }

  /** The shard takes connections from now on. */
  shardUp(shard: number): void {
    this.#shardsUp.add(shard);
  }

  /** A shard is gone: its agents are sent away and come back to another session. */
  shardLost(shard: number): void {
    this.#shardsUp.delete(shard);
    for (const [connection, owner] of this.#shardOf) {
      if (owner !== shard) continue;
      this.#shardOf.delete(connection);
      this.#listener?.disconnect(connection, GOING_AWAY, 'the shard failed');
    }
  }

  close(): void {
    this.#listener?.close();
  }

  /** One that is wanted, else each shard that is up in its turn; null: there is none. */
  #nextShard(): number | null {
    const wanted = this.#wanted.shift();
    if (wanted !== undefined && this.#shardsUp.has(wanted)) return wanted;
    for (let i = 0; i < this.#shardCount; i++) {
      const shard = this.#next;
      this.#next = (shard + 1) % this.#shardCount;
      if (this.#shardsUp.has(shard)) return shard;
    }
    return null;
  }

  #pass(input: ConnectionInput): void {
    const shard = this.#shardOf.get(input.connection);
    if (shard !== undefined) this.#forward(shard, input);
  }
}
