/**
 * A forked process of a bench: messages in the order they came, and an end that cannot be missed.
 */
import { fork } from 'node:child_process';
import type { ChildProcess, ForkOptions } from 'node:child_process';

const END_PATIENCE_MS = 8_000;
/** No message of a bench takes longer; a child that cannot start should not hang the bench. */
const MESSAGE_PATIENCE_MS = 90_000;

export class Child<Send extends object, Receive extends { readonly type: string }> {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #received: Receive[] = [];
  #failure: Error | null = null;
  #wake: () => void = () => undefined;

  constructor(entry: URL, name: string, options: ForkOptions = {}) {
    this.#name = name;
    this.#process = fork(entry, [], { execArgv: [], ...options });
    this.#process.on('message', (message: Receive) => {
      if (message.type === 'failed') this.#fail(JSON.stringify(message));
      else this.#received.push(message);
      this.#wake();
    });
    this.#process.once('exit', (code, signal) => this.#fail(`it ended (${signal ?? code})`));
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  send(message: Send): void {
    this.#process.send(message);
  }

  /** The next message of this type; those of other types before it are passed over. */
  async next<T extends Receive['type']>(type: T): Promise<Extract<Receive, { type: T }>> {
    for (;;) {
      const message = this.#received.shift();
      if (message?.type === type) return message as Extract<Receive, { type: T }>;
      if (message !== undefined) continue;
      if (this.#failure !== null) throw this.#failure;
      await this.#message(type);
    }
  }

  #message(type: string): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = (): void => this.#fail(`no message "${type}" came`);
      const timer = setTimeout(giveUp, MESSAGE_PATIENCE_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends it by letting go of it, as its owner's death would; kills it if that does not help. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => void this.#process.once('exit', () => resolve()));
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  }

  #fail(detail: string): void {
    this.#failure ??= new Error(`${this.#name}: ${detail}`);
    this.#wake();
  }
}
