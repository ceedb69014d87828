/**
 * An answer of the engine that is asked for again and again while somebody looks. A failed poll
 * leaves what was known and says so; a hidden page rests.
 */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isGood, problemSentence } from './api-problem.ts';
import type { Api } from './browser-host.ts';

export interface PollRequest<T> {
  readonly api: Api;
  readonly path: string;
  readonly read: (body: unknown) => T;
  readonly everyMs: number;
}

export class Polled<T> {
  /** Null until the engine answered once. */
  readonly value: Signal<T | null> = signal(null);
  /** Why the last poll failed; null: it did not. */
  readonly failure: Signal<string | null> = signal(null);
  /** HTTP status of the last answer. */
  readonly status: Signal<number> = signal(0);

  readonly #request: PollRequest<T>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = 0;

  constructor(request: PollRequest<T>) {
    this.#request = request;
  }

  /** Polls until the returned function is called. */
  start(): () => void {
    if (this.#wanted++ === 0) void this.#poll();
    return () => {
      if (--this.#wanted === 0) clearTimeout(this.#timer);
    };
  }

  async refresh(): Promise<void> {
    const { api, path, read } = this.#request;
    const answer = await api('GET', path);
    this.status.value = answer.status;
    if (isGood(answer)) this.value.value = read(answer.body);
    this.failure.value = isGood(answer) ? null : problemSentence(answer);
  }

  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    if (!document.hidden) await this.refresh();
    if (this.#wanted === 0) return;
    this.#timer = setTimeout(() => void this.#poll(), this.#request.everyMs);
  }
}

/** Polls while the component is there. Another path is another poll. */
export function usePolled<T>(request: PollRequest<T>): Polled<T> {
  const polled = useMemo(() => new Polled(request), [request.path]);
  useEffect(() => polled.start(), [polled]);
  return polled;
}
