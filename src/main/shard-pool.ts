/**
 * The shard threads: starts them, carries messages, and restarts one that died. A shard that keeps
 * dying is given up after {@link RESTARTS_MAX} starts in a minute, with the reason in the log.
 */
import { Worker } from 'node:worker_threads';
import { EngineError } from '../core/errors.ts';
import type { ConnectionInput } from '../shard/effects.ts';
import type { ShardInput, ShardOutput } from '../shard/messages.ts';
import type { Logger } from '../observe/logger.ts';
import type { SocketCommand } from './forwarding-listener.ts';
import type { ShardThreadData, ShardThreadMessage } from './shard-thread.ts';

const RESTARTS_MAX = 20;
const RESTART_PERIOD_MS = 60_000;

export interface ShardPoolOptions {
  readonly count: number;
  readonly log: Logger;
  readonly now: () => number;
  readonly threadData: (shard: number, port: number) => ShardThreadData;
  readonly onOutputs: (shard: number, outputs: readonly ShardOutput[]) => void;
  readonly onCommands: (commands: readonly SocketCommand[]) => void;
  readonly onUp: (shard: number) => void;
  readonly onDown: (shard: number, reason: string) => void;
}

interface ShardSlot {
  worker: Worker | null;
  readonly startedAtMs: number[];
}

export class ShardPool {
  readonly #options: ShardPoolOptions;
  readonly #slots: ShardSlot[];
  #port = 0;
  #transport = '';
  #stopping = false;

  constructor(options: ShardPoolOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.count }, () => ({ worker: null, startedAtMs: [] }));
  }

  get port(): number {
    return this.#port;
  }

  get transport(): string {
    return this.#transport;
  }

  get count(): number {
    return this.#slots.length;
  }

  /** Resolves when every shard listens. @throws EngineError if one cannot. */
  async start(port: number): Promise<void> {
    this.#port = port;
    // The first shard settles the port number for the others.
    for (let shard = 0; shard < this.#slots.length; shard++) await this.#spawn(shard);
  }

  send(shard: number, message: ShardInput | ConnectionInput): void {
    this.#slots[shard]?.worker?.postMessage(message);
  }

  sendToAll(message: ShardInput): void {
    // A shard that was told to drain ends by itself, and is not to be started again.
    if (message.type === 'drain') this.#stopping = true;
    for (const { worker } of this.#slots) worker?.postMessage(message);
  }

  /** Resolves when every thread has ended; they were told to drain before. */
  async stop(): Promise<void> {
    const ended = this.#slots.map(async ({ worker }) => {
      if (worker === null) return;
      await new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
    });
    await Promise.all(ended);
  }

  async #spawn(shard: number): Promise<void> {
    const { log, now, threadData } = this.#options;
    const slot = this.#slots[shard];
    if (slot === undefined) return;
    slot.startedAtMs.push(now());
    const worker = new Worker(new URL('./shard-thread.js', import.meta.url), {
      workerData: threadData(shard, this.#port),
      name: `shard-${shard}`,
    });
    slot.worker = worker;
    let failure = 'ended';
    worker.on('error', (error) => (failure = error.stack ?? error.message));
    worker.once('exit', (code) => {
      slot.worker = null;
      if (this.#stopping) return;
      log.error(`shard ${shard} ended (${code}): ${failure}`, { shard });
      this.#options.onDown(shard, failure);
      this.#restart(shard);
    });
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: ShardThreadMessage) => {
        switch (message.type) {
          case 'outputs':
            for (const output of message.outputs) {
              if (output.type === 'failed') failure = output.detail;
            }
            this.#options.onOutputs(shard, message.outputs);
            break;
          case 'socket':
            this.#options.onCommands(message.commands);
            break;
          case 'listening':
            this.#port = message.port;
            this.#transport = message.transport;
            this.#options.onUp(shard);
            resolve();
            break;
          case 'cannot-listen':
            this.#stopping = true;
            reject(listenError(message.code, message.detail));
            break;
          case 'drained':
            break;
        }
      });
    });
  }

  #restart(shard: number): void {
    const { log, now } = this.#options;
    const slot = this.#slots[shard];
    if (slot === undefined) return;
    const since = now() - RESTART_PERIOD_MS;
    const recent = slot.startedAtMs.filter((startedMs) => startedMs > since);
    slot.startedAtMs.splice(0, slot.startedAtMs.length, ...recent);
    if (recent.length >= RESTARTS_MAX) {
      log.error(`shard ${shard} died ${recent.length} times in a minute`, { shard });
      return;
    }
    this.#spawn(shard).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.error(`shard ${shard} cannot start: ${reason}`, { shard });
    });
  }
}

function listenError(code: string, detail: string): EngineError {
  if (code === 'ENGINE_PORT_IN_USE' || code === 'ENGINE_NO_TRANSPORT') {
    return new EngineError(code, detail);
  }
  return new EngineError('ENGINE_INTERNAL', `a shard cannot listen: ${detail}`);
}
