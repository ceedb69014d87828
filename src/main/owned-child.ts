/**
 * A child process that ends exactly once for its owner, however it ends: by itself, by a signal, or
 * because it could not be started at all. Messages to one that is going are no error: the end that
 * follows says it all. A child that reports an error but lives is killed, so that none is orphaned.
 */
import type { ChildProcess, Serializable } from 'node:child_process';

export interface ChildHandlers {
  readonly onMessage: (message: unknown) => void;
  /** Once, never during construction. `how`: a signal, an exit code or an error, in words. */
  readonly onEnded: (how: string) => void;
}

export class OwnedChild {
  /** Resolves after `onEnded`; never rejects. */
  readonly ended: Promise<void>;
  readonly #handlers: ChildHandlers;
  #child: ChildProcess | null = null;
  #resolve: () => void = () => undefined;
  #hasEnded = false;
  #isBroken = false;

  constructor(start: () => ChildProcess, handlers: ChildHandlers) {
    this.#handlers = handlers;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    try {
      this.#watch(start());
    } catch (error) {
      queueMicrotask(() => this.#end(error instanceof Error ? error.message : String(error)));
    }
  }

  /** `onLost` is called if the message certainly did not arrive. */
  send(message: Serializable, onLost: () => void = () => undefined): void {
    const child = this.#child;
    if (child?.connected !== true) {
      onLost();
      return;
    }
    // With a callback a channel that breaks meanwhile raises no `error` event.
    child.send(message, (error) => {
      if (error !== null) onLost();
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child?.kill(signal);
  }

  #watch(child: ChildProcess): void {
    this.#child = child;
    child.on('message', (message) => this.#handlers.onMessage(message));
    child.once('exit', (code, signal) => this.#end(signal ?? `code ${code ?? 0}`));
    child.on('error', (error) => {
      if (child.pid === undefined) this.#end(error.message);
      if (this.#hasEnded || this.#isBroken) return;
      // A signal that cannot be sent is an `error` again; its ports are free only after `exit`.
      this.#isBroken = true;
      child.kill('SIGKILL');
    });
  }

  #end(how: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#handlers.onEnded(how);
    this.#resolve();
  }
}
