/**
 * The state of the Explore page: the query's text, what is wrong with it, the running result. The
 * only place that starts and stops queries. Results change in place many times a second;
 * `revision` tells the drawing side, at most once a frame.
 */
import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';
import { hasErrors } from '../grammar/diagnostic.ts';
import type { Diagnostic } from '../grammar/diagnostic.ts';
import type { ValueObject } from '../src/model/value.ts';
import type { Api } from './browser-host.ts';
import { recordFrom } from './catalogue.ts';
import type { Connection, Subscription } from './connection.ts';
import { diagnosticsFrom } from './diagnostics.ts';
import type { Display } from './display.ts';
import { CHECK_DEBOUNCE_MS } from './limits.ts';
import type { KeptPast } from './kept-past.ts';
import type { NoticedStep } from './noticed.ts';
import type { PageState } from './page-address.ts';
import type { TimeSpan } from './plot-overlays.ts';
import { ResultStore } from './result-store.ts';
import { viewOf } from './time-view.ts';

export interface Running {
  readonly query: string;
  readonly store: ResultStore;
  /** False once the result ended, was refused or was stopped; its rows stay. */
  readonly live: boolean;
}

export interface Threshold {
  readonly query: string;
  /** As a rule's `when`. */
  readonly when: string;
}

/**
 * A prop of everything that draws from a store: signals skip components whose props are the same
 * objects, and a store is the same object however much it changed.
 */
export interface Drawn {
  readonly revision: number;
}

/** Calls `draw` soon; a hidden page may wait longer. */
export type ScheduleFrame = (draw: () => void) => void;

export interface ExploreDeps {
  readonly api: Api;
  readonly connection: Connection;
  readonly scheduleFrame: ScheduleFrame;
  /** Values of the query's `$parameters`. */
  readonly params?: ValueObject;
  /** Takes a query that was made from this one; absent: it runs here. */
  readonly ask?: (query: string) => void;
  /** Milliseconds, monotone. */
  readonly now: () => number;
}

export class Explore {
  readonly text: Signal<string>;
  readonly spanMs: Signal<number>;
  readonly running: Signal<Running | null> = signal(null);
  readonly revision: Signal<number> = signal(0);
  /** Group that the pointer is on, in a chart's read-out or the table. */
  readonly focusedGroup: Signal<string | null> = signal(null);
  /** Event that is shown whole; null: none is. */
  readonly openedEvent: Signal<ValueObject | null> = signal(null);
  /** Where charts stand still; null: they follow the data. */
  readonly view: Signal<TimeSpan | null> = signal(null);
  /** A stretch of time that was dragged over. */
  readonly selection: Signal<TimeSpan | null> = signal(null);
  /** How the answer is shown; null: as suits it. */
  readonly display: Signal<Display | null> = signal(null);
  /** Charts compare with what was so much earlier; null: with nothing. */
  readonly earlierMs: Signal<number | null> = signal(null);
  /** What was kept of the query from before it ran here; null: nothing. */
  readonly past: Signal<KeptPast | null> = signal(null);
  /** Lines that are at another level since some moment, as the charts show them. */
  readonly noticed: Signal<readonly NoticedStep[]> = signal([]);
  /** A condition that would tell the incident that was looked at, for a rule over that query. */
  readonly threshold: Signal<Threshold | null> = signal(null);
  /** Colours of the drawn groups: group id → palette index. */
  readonly colours: Signal<ReadonlyMap<string, number>> = signal(new Map());
  /** Mistakes found by the grammar in the page, for the text as it stands. */
  readonly syntax: Signal<readonly Diagnostic[]> = signal([]);
  /** What the engine said about `checkedText`. */
  readonly checked: Signal<{ readonly text: string; readonly list: readonly Diagnostic[] }>;
  readonly diagnostics: ReadonlySignal<readonly Diagnostic[]>;
  /** The grammar, once its code has come. */
  parse: ((text: string) => readonly Diagnostic[]) | null = null;
  /** Caret position in the text, UTF-16 units. */
  readonly caret: Signal<number> = signal(0);

  readonly #api: Api;
  readonly #connection: Connection;
  readonly #scheduleFrame: ScheduleFrame;
  readonly #now: () => number;
  readonly #params: ValueObject;
  readonly #ask: ((query: string) => void) | undefined;
  #heardAt = 0;
  #subscription: Subscription | null = null;
  #framePending = false;

  constructor(state: PageState, deps: ExploreDeps) {
    this.#api = deps.api;
    this.#connection = deps.connection;
    this.#scheduleFrame = deps.scheduleFrame;
    this.#now = deps.now;
    this.#params = deps.params ?? {};
    this.#ask = deps.ask;
    this.text = signal(state.query);
    this.spanMs = signal(state.spanMs);
    this.checked = signal({ text: '', list: [] });
    this.diagnostics = computed(() => {
      const { text, list } = this.checked.value;
      // The engine knows what the grammar knows and the catalogue besides, but not a broken text.
      const isNewest = text === this.text.value && !hasErrors(this.syntax.value);
      return isNewest ? list : this.syntax.value;
    });
    this.#checkWhileTyping();
  }

  /** A broken query is not sent: what runs goes on, and the mistake is on the page already. */
  run(query: string = this.text.peek()): void {
    const text = query.trim();
    if (text === '' || this.#isBroken(query)) return;
    this.#subscription?.close();
    const store = new ResultStore();
    this.text.value = query;
    this.running.value = { query: text, store, live: true };
    this.colours.value = new Map();
    this.focusedGroup.value = null;
    this.noticed.value = [];
    this.display.value = null;
    this.past.value = null;
    this.follow();
    this.#subscription = this.#connection.subscribe(text, this.#params, (message) => {
      store.apply(message);
      if (message.type === 'progress') this.#heardAt = this.#now();
      if (message.type === 'schema') this.#revive(store);
      if (store.ended !== null || store.problem !== null) this.#settle(store);
      this.#changed();
    });
    this.#changed();
  }

  /** Goes on with a query that was made from this one. */
  ask(query: string): void {
    if (this.#ask === undefined) this.run(query);
    else this.#ask(query);
  }

  /** Charts follow the data again. */
  follow(): void {
    this.view.value = null;
    this.selection.value = null;
  }

  stop(): void {
    this.#subscription?.close();
    this.#subscription = null;
    const running = this.running.peek();
    if (running?.live === true) this.running.value = { ...running, live: false };
  }

  /** Charts stand still where they are, or follow the data again. */
  togglePause(): void {
    const store = this.running.peek()?.store;
    if (this.view.peek() !== null) this.follow();
    else if (store !== undefined) {
      const { fromMs, toMs } = viewOf({
        store,
        engineNowMs: this.engineNow(store),
        spanMs: this.spanMs.peek(),
        fixed: null,
        hasPast: this.past.peek() !== null,
      });
      this.view.value = { fromMs, toMs };
    }
  }

  /** Writes a word where the caret is, with spaces where they are needed. */
  insert(word: string): void {
    const text = this.text.peek();
    const at = Math.min(this.caret.peek(), text.length);
    const before = at > 0 && !/[\s([]/.test(text.charAt(at - 1)) ? ' ' : '';
    const after = /[\s)\],;]/.test(text.charAt(at)) || at === text.length ? '' : ' ';
    const inserted = before + word + after;
    this.text.value = text.slice(0, at) + inserted + text.slice(at);
    this.caret.value = at + before.length + word.length;
  }

  /** Replaces a span of the text, as a fix-it does. */
  replace(span: { readonly start: number; readonly end: number }, replacement: string): void {
    const text = this.text.peek();
    this.text.value = text.slice(0, span.start) + replacement + text.slice(span.end);
    this.caret.value = span.start + replacement.length;
  }

  /** The engine's clock, carried on by the page's own while the engine says nothing. */
  engineNow(store: ResultStore): number | null {
    const heard = store.engineNow;
    return heard === null ? null : heard + Math.max(0, this.#now() - this.#heardAt);
  }

  /** Lets charts move on while no message comes. */
  tick(): void {
    if (this.running.peek()?.live === true) this.#changed();
  }

  /** What the address should say. */
  pageState(): PageState {
    return {
      query: this.text.value,
      running:
        this.running.value?.live === true && this.running.value.query === this.text.value.trim(),
      spanMs: this.spanMs.value,
      view: this.view.value,
    };
  }

  #isBroken(query: string): boolean {
    if (query !== this.text.peek()) return false;
    if (this.parse !== null) this.syntax.value = this.parse(query);
    const { text, list } = this.checked.peek();
    return hasErrors(this.syntax.peek()) || (text === query && hasErrors(list));
  }

  #settle(store: ResultStore): void {
    const running = this.running.peek();
    if (running?.store !== store || !running.live) return;
    this.running.value = { ...running, live: false };
    const list = diagnosticsFrom(recordFrom(store.problem)['diagnostics'], running.query);
    if (list.length > 0) this.checked.value = { text: this.text.peek(), list };
  }

  /** The engine that ended the result came back with it. */
  #revive(store: ResultStore): void {
    const running = this.running.peek();
    if (running?.store === store && !running.live) this.running.value = { ...running, live: true };
  }

  #changed(): void {
    if (this.#framePending) return;
    this.#framePending = true;
    this.#scheduleFrame(() => {
      this.#framePending = false;
      this.revision.value++;
    });
  }

  #checkWhileTyping(): void {
    effect(() => {
      const text = this.text.value;
      if (text.trim() === '') return undefined;
      const timer = setTimeout(() => void this.#check(text), CHECK_DEBOUNCE_MS);
      return () => clearTimeout(timer);
    });
  }

  async #check(text: string): Promise<void> {
    const { status, body } = await this.#api('POST', 'query/check', {
      query: text,
      params: this.#params,
    });
    if (text !== this.text.peek()) return;
    // A refused query may come as a problem document that carries the same list.
    if (status !== 200 && status !== 400 && status !== 422) return;
    this.checked.value = { text, list: diagnosticsFrom(recordFrom(body)['diagnostics'], text) };
  }
}
