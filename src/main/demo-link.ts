/** The engine's line to the demo process, which its supervisor owns. */
import { EngineError } from '../core/errors.ts';
import type { DemoPort } from '../gateway/engine-port.ts';
import type { DemoAnswer, DemoCommand } from './engine-options.ts';

const ANSWER_MS = 5_000;

export class DemoLink implements DemoPort {
  readonly #send: (command: DemoCommand) => void;
  readonly #waiting = new Map<number, (answer: DemoAnswer) => void>();
  #nextRequest = 1;

  constructor(send: (command: DemoCommand) => void) {
    this.#send = send;
  }

  break(incident: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#ask({ ...incident, type: 'break' });
  }

  heal(): Promise<object> {
    return this.#ask({ type: 'heal' });
  }

  answered(request: number, answer: DemoAnswer): void {
    this.#waiting.get(request)?.(answer);
    this.#waiting.delete(request);
  }

  /** Rejects with what the demo has against the command. */
  async #ask(command: Readonly<Record<string, unknown>>): Promise<object> {
    const request = this.#nextRequest++;
    const answer = await new Promise<DemoAnswer>((resolve) => {
      const late = setTimeout(() => {
        this.answered(request, { ok: false, error: 'the demo process did not answer' });
      }, ANSWER_MS);
      this.#waiting.set(request, (said) => {
        clearTimeout(late);
        resolve(said);
      });
      this.#send({ type: 'demo', request, command });
    });
    if (answer.ok) return { incidents: answer.incidents ?? {} };
    throw new EngineError('ENGINE_BAD_REQUEST', answer.error ?? 'the demo refused');
  }
}
