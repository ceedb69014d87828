/**
 * The state of the Live tail: what is asked, what came, what is looked at. Two queries run: one
 * counts every match, the other brings the events or a sample of them, and how large a sample
 * follows the count. So the page always knows how much it does not show.
 */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { hasErrors } from '../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { ResultMessage, RowsMessage } from '../../src/wire/results.ts';
import type { Api } from '../browser-host.ts';
import { recordFrom } from '../catalogue.ts';
import type { Connection, Subscription } from '../connection.ts';
import { diagnosticsFrom } from '../diagnostics.ts';
import type { ScheduleFrame } from '../explore.ts';
import { FIELDS_SHOWN_MAX, TAIL_COLUMNS_MAX, TAIL_EVENTS_MAX } from '../limits.ts';
import { ResultStore } from '../result-store.ts';
import { EventLog } from './event-log.ts';
import type { LoggedEvent } from './event-log.ts';
import { nextStep, stepFor } from './sample-step.ts';
import type { TailAddress } from './tail-address.ts';
import { countQuery, eventsQuery, filterStart, TIME_COLUMN } from './tail-queries.ts';
import type { TailQuestion } from './tail-queries.ts';

export interface TailDeps {
  readonly api: Api;
  readonly connection: Connection;
  readonly scheduleFrame: ScheduleFrame;
  /** Events a second of a stream as the engine last knew; null: unknown. */
  readonly rateOf: (stream: string) => number | null;
}

/** The list stands still: what it showed, and how many events there had been by then. */
export interface Paused {
  readonly events: readonly LoggedEvent[];
  readonly count: number;
}

/** A finer sample is asked for only after it would have done for so many seconds. */
const CALM_WINDOWS = 3;

export class Tail {
  readonly question: Signal<TailQuestion>;
  /** The condition as it is being written; `question` has the one that runs. */
  readonly draft: Signal<string>;
  readonly mistakes: Signal<readonly Diagnostic[]> = signal([]);
  readonly columns: Signal<readonly string[]>;
  readonly paused: Signal<Paused | null> = signal(null);
  /** Number of the event that is looked at whole. */
  readonly selected: Signal<number | null> = signal(null);
  /** Counts what is worth a new picture. */
  readonly revision: Signal<number> = signal(0);

  log = new EventLog(TAIL_EVENTS_MAX);
  /** What the counting query says, with its completeness. */
  counts = new ResultStore();
  /** What the other query says besides events: refusals, drops, gaps. */
  events = new ResultStore();
  /** Matches of the windows that were counted whole. */
  matched = 0;
  /** Fields that events were seen to have. */
  readonly fields = new Set<string>();
  /** One in so many is shown; null: not decided yet. */
  step: number | null = null;

  readonly #deps: TailDeps;
  #counting: Subscription | null = null;
  #bringing: Subscription | null = null;
  #calmWindows = 0;
  /** Start of the newest window that was counted; null: what came ran before this tail did. */
  #countedThrough: number | null = null;
  #framePending = false;

  constructor(deps: TailDeps, address: TailAddress) {
    this.#deps = deps;
    const { stream, filter, columns } = address;
    this.question = signal({ stream, filter });
    this.draft = signal(filter);
    this.columns = signal(columns);
  }

  get isRunning(): boolean {
    return this.#counting !== null;
  }

  start(): void {
    this.stop();
    const question = this.question.peek();
    this.log = new EventLog(TAIL_EVENTS_MAX);
    this.events = new ResultStore();
    this.matched = 0;
    this.#countedThrough = null;
    this.fields.clear();
    this.step = null;
    this.paused.value = null;
    this.selected.value = null;
    const counts = new ResultStore();
    this.counts = counts;
    if (question.stream === '') return;
    const rate = this.#deps.rateOf(question.stream);
    if (rate !== null) this.#bring(stepFor(rate));
    this.#counting = this.#deps.connection.subscribe(countQuery(question), {}, (message) => {
      counts.apply(message);
      if (message.type === 'rows' && !message.provisional) this.#follow(message);
      this.#changed();
    });
    this.#changed();
  }

  stop(): void {
    this.#counting?.close();
    this.#bringing?.close();
    this.#counting = null;
    this.#bringing = null;
  }

  /** Runs another question, unless the engine finds mistakes in it. */
  async ask(question: TailQuestion): Promise<void> {
    this.draft.value = question.filter;
    if (hasErrors(await this.check(question))) return;
    this.question.value = question;
    this.start();
  }

  /** Mistakes of the condition, at their places in it. */
  async check(question: TailQuestion): Promise<readonly Diagnostic[]> {
    const query = eventsQuery(question, 1);
    const { status, body } = await this.#deps.api('POST', 'query/check', { query });
    if (status !== 200 && status !== 400 && status !== 422) return [];
    const found = diagnosticsFrom(recordFrom(body)['diagnostics'], query);
    const list = found.map((diagnostic) => inFilter(diagnostic, question));
    if (question.filter === this.draft.peek()) this.mistakes.value = list;
    return list;
  }

  pause(): void {
    this.paused.value ??= { events: this.log.snapshot(), count: this.log.count };
  }

  resume(): void {
    this.paused.value = null;
    this.selected.value = null;
  }

  /** Events that came since the list stands still. */
  get waiting(): number {
    const paused = this.paused.value;
    return paused === null ? 0 : this.log.count - paused.count;
  }

  /** What the list has: newest first. */
  get length(): number {
    return this.paused.value?.events.length ?? this.log.length;
  }

  at(index: number): LoggedEvent | undefined {
    const paused = this.paused.value;
    return paused === null ? this.log.at(index) : paused.events[index];
  }

  toggleColumn(field: string): void {
    const columns = this.columns.peek();
    this.columns.value = columns.includes(field)
      ? columns.filter((other) => other !== field)
      : [...columns, field].slice(-TAIL_COLUMNS_MAX);
  }

  /** The first window began before its query did: only what it covered is counted on. */
  #follow(message: RowsMessage): void {
    const { rows, completeness } = message;
    const count = Number(rows[0]?.['n'] ?? 0);
    if (!Number.isFinite(count)) return;
    this.#total(message, count);
    const coveredMs = Math.max(1, Math.min(1_000, completeness.coveredMs));
    const perSecond = (count * 1_000) / coveredMs;
    if (this.step === null) {
      this.#bring(stepFor(perSecond));
      return;
    }
    const step = nextStep(this.step, perSecond);
    this.#calmWindows = step < this.step ? this.#calmWindows + 1 : 0;
    if (step > this.step || this.#calmWindows >= CALM_WINDOWS) this.#bring(step);
  }

  /** After a broken link windows come again; before the first live one they are another's. */
  #total({ replay, windowStart }: RowsMessage, count: number): void {
    const through = this.#countedThrough;
    if (through === null ? replay : (windowStart ?? 0) <= through) return;
    this.#countedThrough = windowStart;
    this.matched += count;
  }

  #bring(step: number): void {
    this.#bringing?.close();
    this.step = step;
    this.#calmWindows = 0;
    const { events, log } = this;
    const query = eventsQuery(this.question.peek(), step);
    this.#bringing = this.#deps.connection.subscribe(query, {}, (message) => {
      this.#take(message, { events, log, step });
      this.#changed();
    });
  }

  #take(
    message: ResultMessage,
    to: { readonly events: ResultStore; readonly log: EventLog; readonly step: number },
  ): void {
    if (message.type !== 'rows') {
      to.events.apply(message);
      return;
    }
    // What ran before somebody looked is not live.
    if (message.replay) return;
    for (const row of message.rows) {
      const { [TIME_COLUMN]: time, ...event } = row;
      const timeMs = typeof time === 'number' ? time : null;
      to.log.add({ timeMs, event, oneIn: to.step });
      this.#learn(event);
    }
  }

  #learn(event: object): void {
    if (this.fields.size >= FIELDS_SHOWN_MAX) return;
    for (const name of Object.keys(event)) {
      if (this.fields.size >= FIELDS_SHOWN_MAX) return;
      this.fields.add(name);
    }
  }

  #changed(): void {
    if (this.#framePending) return;
    this.#framePending = true;
    this.#deps.scheduleFrame(() => {
      this.#framePending = false;
      this.revision.value++;
    });
  }
}

/** A mistake of the whole query at its place in the condition. */
function inFilter(diagnostic: Diagnostic, question: TailQuestion): Diagnostic {
  const start = filterStart(question);
  const { length } = question.filter;
  const moved = (at: number): number => Math.max(0, Math.min(length, at - start));
  const { span, message, fixes = [] } = diagnostic;
  // What closes the condition is ours; nobody wrote it.
  const isPastEnd = length > 0 && span.start >= start + length;
  return {
    ...diagnostic,
    message: isPastEnd ? message.replace(/^`\)` stands/, 'the condition ends') : message,
    span: {
      ...span,
      start: moved(span.start),
      end: moved(span.end),
      column: moved(span.start) + 1,
    },
    fixes: fixes.map((fix) => ({
      ...fix,
      span: { start: moved(fix.span.start), end: moved(fix.span.end) },
    })),
  };
}
