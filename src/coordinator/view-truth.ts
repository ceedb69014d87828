/**
 * How much of the truth the rows of a view saw, by window, for whoever reads it: a reader's answer
 * is never better than the worst window that went into it.
 */
import { DEFAULTS } from '../config.ts';
import type { Completeness } from '../wire/results.ts';
import { addCounts, emptyCounts } from './counts.ts';

/** A run of windows, one after the other, that saw equally much. */
interface TruthRun {
  /** Ends of its first and last window, ms. */
  readonly fromMs: number;
  toMs: number;
  toldAtMs: number;
  truth: Completeness;
}

const MISSING_NAMES_MAX = 10;

export class ViewTruth {
  /** Oldest first. At the bound the two oldest become one that is as bad as both. */
  readonly #runs: TruthRun[] = [];

  /** A window that ends at `endMs` was told. */
  add(endMs: number, truth: Completeness, nowMs: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && isAlike(last.truth, truth)) {
      last.toMs = endMs;
      last.toldAtMs = nowMs;
      return;
    }
    this.#runs.push({ fromMs: endMs, toMs: endMs, toldAtMs: nowMs, truth });
    if (this.#runs.length <= DEFAULTS.viewTruthRunsMax) return;
    const [first, second] = this.#runs.splice(0, 2) as [TruthRun, TruthRun];
    this.#runs.unshift({
      ...second,
      fromMs: first.fromMs,
      truth: worse(second.truth, first.truth),
    });
  }

  /** Of the windows whose rows are in [startMs, endMs); null: there is none. */
  within(startMs: number, endMs: number): Completeness | null {
    let found: Completeness | null = null;
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as TruthRun;
      // A row's time is the end of its window less 1 ms.
      if (run.toMs <= startMs) break;
      if (run.fromMs <= endMs) found = found === null ? run.truth : worse(found, run.truth);
    }
    return found;
  }

  /** Of the windows told since `sinceMs`, the newest in any case; null: none was told yet. */
  toldSince(sinceMs: number): Completeness | null {
    let found = this.#runs.at(-1)?.truth ?? null;
    for (let i = this.#runs.length - 2; i >= 0 && found !== null; i--) {
      const run = this.#runs[i] as TruthRun;
      if (run.toldAtMs < sinceMs) break;
      found = worse(found, run.truth);
    }
    return found;
  }
}

/** What both say, and of each part the worse; sums are of both. `a` gives the times. */
export function worse(a: Completeness, b: Completeness): Completeness {
  const dropped = emptyCounts();
  addCounts(dropped, a.events.dropped);
  addCounts(dropped, b.events.dropped);
  return {
    ...a,
    status: worst(STATUS, a.status, b.status),
    reasons: [...new Set([...a.reasons, ...b.reasons])],
    agents: worseAgents(a.agents, b.agents),
    events: { ...a.events, late: a.events.late + b.events.late, dropped },
    sampleFactor: Math.min(a.sampleFactor, b.sampleFactor),
    source: worst(SOURCE, a.source, b.source),
    engine: worst(ENGINE, a.engine, b.engine),
    ...((a.tables ?? b.tables) !== undefined && { tables: { ...b.tables, ...a.tables } }),
  };
}

/** A reader's own statement with what its view saw. A sample of a sample is smaller than both. */
export function handDown(own: Completeness, view: Completeness): Completeness {
  const sampleFactor = own.sampleFactor * view.sampleFactor;
  return { ...worse(own, view), sampleFactor };
}

function worseAgents(a: Completeness['agents'], b: Completeness['agents']): Completeness['agents'] {
  const missing = [...new Set([...a.missing, ...b.missing])];
  const expected = Math.max(a.expected, b.expected);
  const absent = Math.max(a.expected - a.reporting, b.expected - b.reporting, missing.length);
  return {
    expected,
    reporting: Math.max(0, expected - absent),
    missing: missing.slice(0, MISSING_NAMES_MAX),
  };
}

/** Best first. */
const STATUS = ['complete', 'partial', 'degraded'] as const;
const SOURCE = ['live', 'partly', 'silent', 'none'] as const;
const ENGINE = ['current', 'behind'] as const;

function worst<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) < order.indexOf(b) ? b : a;
}

/** Losses are sums, so windows with any are never alike. */
function isAlike(a: Completeness, b: Completeness): boolean {
  return (
    a.status === b.status &&
    a.source === b.source &&
    a.engine === b.engine &&
    a.sampleFactor === b.sampleFactor &&
    !hasLosses(a) &&
    !hasLosses(b) &&
    sameTexts(a.reasons, b.reasons) &&
    sameTexts(a.agents.missing, b.agents.missing) &&
    a.agents.expected === b.agents.expected &&
    a.agents.reporting === b.agents.reporting
  );
}

function hasLosses({ events }: Completeness): boolean {
  return events.late > 0 || Object.keys(events.dropped).length > 0;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
