/**
 * One query of a client: hands messages to a callback, or keeps them for an iterator. What waits
 * for a slow iterator is bounded; beyond it the oldest answers go, and a `drop` message tells.
 */
import type { ValueObject } from '../model/value.ts';
import type { IdentifiedResult, ResultMessage } from '../wire/results.ts';
import type { ClientSubscription, SubscribeOptions } from './contract.ts';

/** Messages that wait for an iterator. */
const WAITING_MAX = 10_000;

interface SubscriptionName {
  readonly sub: string;
  readonly query: string;
}

type Waiter = (result: IteratorResult<IdentifiedResult, undefined>) => void;

const DONE: IteratorResult<IdentifiedResult, undefined> = { done: true, value: undefined };

export class LiveSubscription implements ClientSubscription {
  readonly #name: SubscriptionName;
  readonly #params: ValueObject;
  readonly #kept: boolean;
  readonly #onMessage: SubscribeOptions['onMessage'];
  readonly #unsubscribe: () => void;
  #waiting: IdentifiedResult[] = [];
  #waiters: Waiter[] = [];
  #dropped = 0;
  #lastId: string | null;
  #wasHeard = false;
  #isOver = false;

  constructor(name: SubscriptionName, options: SubscribeOptions, unsubscribe: () => void) {
    this.#name = name;
    this.#params = options.params ?? {};
    this.#kept = options.kept ?? true;
    this.#onMessage = options.onMessage;
    this.#lastId = options.resume ?? null;
    this.#unsubscribe = unsubscribe;
  }

  get lastId(): string | null {
    return this.#lastId;
  }

  /** Whether anything ever came. */
  get wasHeard(): boolean {
    return this.#wasHeard;
  }

  /** The message that opens it, or goes on where it was. */
  request(): object {
    const { sub, query } = this.#name;
    const how = { params: this.#params, resume: this.#lastId };
    return { type: 'subscribe', sub, query, ...how, ...(!this.#kept && { kept: false }) };
  }

  take(message: ResultMessage, id: string | null): void {
    if (this.#isOver) return;
    this.#wasHeard = true;
    if (id !== null) this.#lastId = id;
    if (this.#onMessage === undefined) this.#keep({ id, message });
    else this.#onMessage(message, id);
  }

  /** Nothing will follow. */
  finish(): void {
    this.#isOver = true;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter(DONE);
  }

  close(): void {
    if (this.#isOver) return;
    this.finish();
    this.#unsubscribe();
  }

  [Symbol.asyncIterator](): AsyncIterator<IdentifiedResult, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.close();
        return Promise.resolve(DONE);
      },
    };
  }

  #keep(result: IdentifiedResult): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter({ done: false, value: result });
      return;
    }
    this.#waiting.push(result);
    if (this.#waiting.length > WAITING_MAX) this.#shed();
  }

  /** Keeps what only comes once. */
  #shed(): void {
    const kept = this.#waiting.slice(WAITING_MAX / 2);
    const old = this.#waiting.slice(0, WAITING_MAX / 2);
    const precious = old.filter(({ message }) => !isReplaceable(message));
    this.#dropped += old.filter(({ message }) => message.type === 'rows').length;
    this.#waiting = [...precious, ...kept];
  }

  #next(): Promise<IteratorResult<IdentifiedResult, undefined>> {
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      const message = { type: 'drop', reason: 'slow_reader', count } as const;
      return Promise.resolve({ done: false, value: { id: null, message } });
    }
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isOver) return Promise.resolve(DONE);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}

function isReplaceable(message: ResultMessage): boolean {
  return message.type === 'rows' || message.type === 'progress' || message.type === 'completeness';
}
