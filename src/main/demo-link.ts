/** The engine's line to the demo process, which its supervisor owns. */
import type { DemoPort } from '../gateway/engine-port.ts';
import type { DemoCommand } from './engine-options.ts';

const ANSWER_MS = 5_000;

export class DemoLink implements DemoPort {
  readonly #send: (command: DemoCommand) => void;
  readonly #waiting = new Map<number, (answer: object) => void>();
  #nextRequest = 1;

  constructor(send: (command: DemoCommand) => void) {
    this.#send = send;
  }

  break(incident: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#ask({ ...incident, action: 'break' });
  }

  heal(): Promise<object> {
    return this.#ask({ action: 'heal' });
  }

  answered(request: number, answer: object): void {
    this.#waiting.get(request)?.(answer);
    this.#waiting.delete(request);
  }

  #ask(command: Readonly<Record<string, unknown>>): Promise<object> {
    const request = this.#nextRequest++;
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.answered(request, { error: 'the demo process did not answer' });
      }, ANSWER_MS);
      this.#waiting.set(request, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      this.#send({ type: 'demo', request, command });
    });
  }
}
