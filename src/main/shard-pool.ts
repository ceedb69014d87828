/**
 * The shard threads: starts them, carries messages, and restarts one that died, with growing waits.
 * A shard that keeps dying is given up, with the reason in the log; the pool says so when none is
 * left. A thread that cannot listen ends by itself, so that `exit` is the one end of every thread.
 */
import type { EventEmitter } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { EngineError } from '../core/errors.ts';
import type { ConnectionInput } from '../shard/effects.ts';
import type { ShardInput, ShardOutput } from '../shard/messages.ts';
import type { Logger } from '../observe/logger.ts';
import type { SocketCommand } from './forwarding-listener.ts';
import { RestartRule } from './restart-rule.ts';
import type { ShardThreadData, ShardThreadInput, ShardThreadMessage } from './shard-thread.ts';

const FAILURES_MAX = 20;
const RESTART = {
  failuresMax: FAILURES_MAX,
  periodMs: 60_000,
  waitMinMs: 50,
  waitMaxMs: 2_000,
} as const;

/** A worker thread, as far as the pool needs one. */
export interface ShardThread extends EventEmitter {
  postMessage(message: ShardThreadInput, transfer?: readonly Transferable[]): void;
}

export interface ShardPoolOptions {
  readonly count: number;
  readonly log: Logger;
  readonly now: () => number;
  readonly threadData: (shard: number, port: number) => ShardThreadData;
  readonly startThread?: (data: ShardThreadData) => ShardThread;
  readonly onOutputs: (shard: number, outputs: readonly ShardOutput[]) => void;
  readonly onCommands: (commands: readonly SocketCommand[]) => void;
  readonly onUp: (shard: number) => void;
  /** A shard that was up has ended: it failed, or was told to drain. */
  readonly onDown: (shard: number, reason: string) => void;
  /** The last shard was given up. */
  readonly onAllLost: (error: EngineError) => void;
}

interface ShardSlot {
  readonly shard: number;
  readonly rule: RestartRule;
  /** Leaves at the end of this turn, in one message: a tick may close thousands of windows. */
  readonly outbox: (ShardInput | ConnectionInput)[];
  thread: ShardThread | null;
  isUp: boolean;
  restart: NodeJS.Timeout | null;
  isGivenUp: boolean;
}

export class ShardPool {
  readonly #options: ShardPoolOptions;
  readonly #slots: readonly ShardSlot[];
  #port = 0;
  #transport = '';
  #stopping = false;

  constructor(options: ShardPoolOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.count }, (_, shard) => ({
      shard,
      rule: new RestartRule(RESTART),
      outbox: [],
      thread: null,
      isUp: false,
      restart: null,
      isGivenUp: false,
    }));
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

  /** Resolves when every shard listens. @throws EngineError if one cannot; nothing is retried. */
  async start(port: number): Promise<void> {
    this.#port = port;
    try {
      // The first shard settles the port number for the others.
      for (const slot of this.#slots) await this.#open(slot);
    } catch (error) {
      this.#stopRestarts();
      throw error;
    }
  }

  /** A message to a shard that is down is dropped; it hears everything anew when it is up. */
  send(shard: number, message: ShardInput | ConnectionInput): void {
    const slot = this.#slots[shard];
    if (slot === undefined || slot.thread === null) return;
    if (slot.outbox.length === 0) queueMicrotask(() => flushOutbox(slot));
    slot.outbox.push(message);
  }

  /** Makes a shard fail as a defect would. */
  drill(shard: number): void {
    this.#slots[shard]?.thread?.postMessage({ type: 'drill' });
  }

  sendToAll(message: ShardInput): void {
    // A shard that was told to drain ends by itself, and is not to be started again.
    if (message.type === 'drain') this.#stopRestarts();
    for (const { shard } of this.#slots) this.send(shard, message);
  }

  /** They were told to drain. Resolves when every thread has ended, or after `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    this.#stopRestarts();
    const ends = this.#slots.map(
      ({ thread }) =>
        new Promise<void>((resolve) => {
          if (thread === null) resolve();
          else thread.once('exit', () => resolve());
        }),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([Promise.all(ends), late]);
    clearTimeout(timer);
    for (const { shard, thread } of this.#slots) {
      if (thread !== null) this.#options.log.error(`shard ${shard} did not end`, { shard });
    }
  }

  /** Resolves when the shard listens. @throws EngineError if its thread ended before. */
  async #open(slot: ShardSlot): Promise<void> {
    const { startThread = startWorker, threadData } = this.#options;
    const { shard } = slot;
    const thread = startThread(threadData(shard, this.#port));
    slot.thread = thread;
    let isUp = false;
    let failure = 'it ended';
    let refusal: EngineError | null = null;
    thread.on('error', (error: unknown) => (failure = reasonOf(error)));
    await new Promise<void>((resolve, reject) => {
      thread.on('message', (message: ShardThreadMessage) => {
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
            isUp = true;
            slot.isUp = true;
            this.#connectPeers(slot);
            this.#port = message.port;
            this.#transport = message.transport;
            this.#options.onUp(shard);
            resolve();
            break;
          case 'cannot-listen':
            refusal = listenError(message.code, message.detail);
            break;
          case 'defect':
            this.#options.log.error('request failed', { shard, detail: message.detail });
            break;
          case 'drained':
            break;
        }
      });
      thread.once('exit', () => {
        slot.thread = null;
        slot.isUp = false;
        const detail = `shard ${shard} ended before it listened: ${failure}`;
        if (!isUp) reject(refusal ?? new EngineError('ENGINE_INTERNAL', detail));
        else this.#ended(slot, failure);
      });
    });
  }

  /** A way between the new shard and every other, before anybody sends anything there. */
  #connectPeers({ shard, thread }: ShardSlot): void {
    for (const other of this.#slots) {
      if (!other.isUp || other.shard === shard) continue;
      const { port1, port2 } = new MessageChannel();
      thread?.postMessage({ type: 'peer-port', shard: other.shard, port: port1 }, [port1]);
      other.thread?.postMessage({ type: 'peer-port', shard, port: port2 }, [port2]);
    }
  }

  #ended(slot: ShardSlot, reason: string): void {
    this.#options.onDown(slot.shard, reason);
    this.#failed(slot, reason);
  }

  #failed(slot: ShardSlot, reason: string): void {
    if (this.#stopping) return;
    const { log, now } = this.#options;
    const { shard } = slot;
    log.error(`shard ${shard} failed: ${reason}`, { shard });
    const waitMs = slot.rule.failed(now());
    if (waitMs === null) {
      this.#giveUp(slot);
      return;
    }
    slot.restart = setTimeout(() => {
      this.#open(slot).catch((error: unknown) => this.#failed(slot, reasonOf(error)));
    }, waitMs);
  }

  #giveUp(slot: ShardSlot): void {
    const { log, onAllLost } = this.#options;
    const { shard } = slot;
    const code = 'ENGINE_INTERNAL';
    slot.isGivenUp = true;
    log.error(`shard ${shard} failed ${FAILURES_MAX} times in a minute: it stays down`, {
      code,
      shard,
    });
    if (this.#slots.every(({ isGivenUp }) => isGivenUp)) {
      onAllLost(new EngineError(code, 'every shard failed too often'));
    }
  }

  #stopRestarts(): void {
    this.#stopping = true;
    for (const { restart } of this.#slots) if (restart !== null) clearTimeout(restart);
  }
}

function flushOutbox({ outbox, thread }: ShardSlot): void {
  const inputs = outbox.splice(0);
  const [only] = inputs;
  thread?.postMessage(inputs.length === 1 ? only! : { type: 'inputs', inputs });
}

function startWorker(data: ShardThreadData): ShardThread {
  return new Worker(new URL('./shard-thread.js', import.meta.url), {
    workerData: data,
    name: `shard-${data.shard}`,
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function listenError(code: string, detail: string): EngineError {
  if (code === 'ENGINE_PORT_IN_USE' || code === 'ENGINE_NO_TRANSPORT') {
    return new EngineError(code, detail);
  }
  return new EngineError('ENGINE_INTERNAL', `a shard cannot listen: ${detail}`);
}
