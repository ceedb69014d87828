/**
 * Saved queries that are kept: they run whether anybody looks or not, as long as they are saved so.
 * A change lets the old query go and begins the new one; one that ends or cannot begin is tried
 * again, as the queries of rules are.
 */
import type { Value } from '../model/value.ts';
import type { ListenerEffect } from './messages.ts';
import { keptName } from './series-keeper.ts';
import type { SeriesKeeper } from './series-keeper.ts';

/** A saved query that shall be kept. */
export interface KeptQuery {
  readonly name: string;
  readonly text: string;
  readonly params: Readonly<Record<string, Value>>;
  /** Of its plan as things are now; another one has to begin anew. Null: it has none. */
  readonly fingerprint: string | null;
}

export interface StandingQueriesParts {
  readonly kept: () => readonly KeptQuery[];
  readonly keeper: Pick<SeriesKeeper, 'keep' | 'release'>;
}

/** A kept query as it is listed. */
export interface StandingQuery {
  readonly name: string;
  /** Id of the running query; null: it does not run. */
  readonly query: string | null;
  /** Why it does not run; null: it does. */
  readonly problem: string | null;
}

interface Standing {
  readonly saved: KeptQuery;
  running: string | null;
  problem: string | null;
  againMs: number;
}

const AGAIN_MS = 10_000;

export class StandingQueries {
  readonly #parts: StandingQueriesParts;
  readonly #standing = new Map<string, Standing>();

  constructor(parts: StandingQueriesParts) {
    this.#parts = parts;
  }

  list(): readonly StandingQuery[] {
    return Array.from(this.#standing, ([name, { problem, running }]) => ({
      name,
      query: running,
      problem,
    }));
  }

  /** Saved queries have changed, or the engine begins. */
  sync(): void {
    const wanted = new Map(this.#parts.kept().map((saved) => [saved.name, saved]));
    for (const name of this.#standing.keys()) {
      if (wanted.has(name)) continue;
      this.#standing.delete(name);
      this.#parts.keeper.release(name);
    }
    for (const [name, saved] of wanted) {
      const known = this.#standing.get(name)?.saved;
      if (known === undefined || !isSame(known, saved)) this.#begin(saved);
    }
  }

  hear(effect: ListenerEffect, nowMs: number): void {
    if (effect.type !== 'listening' && effect.type !== 'deaf') return;
    const standing = this.#standing.get(keptName(effect.listener) ?? '');
    if (standing === undefined) return;
    const isRunning = effect.type === 'listening';
    standing.running = isRunning ? effect.plan.fingerprint : null;
    standing.problem = isRunning ? null : effect.reason;
    standing.againMs = nowMs + AGAIN_MS;
  }

  tick(nowMs: number): void {
    for (const { againMs, problem, saved } of this.#standing.values()) {
      if (problem !== null && nowMs >= againMs) this.#begin(saved);
    }
  }

  #begin(saved: KeptQuery): void {
    const { name, params, text } = saved;
    this.#standing.set(name, { saved, running: null, problem: null, againMs: 0 });
    this.#parts.keeper.keep(name, text, params);
  }
}

function isSame(one: KeptQuery, other: KeptQuery): boolean {
  return (
    one.fingerprint === other.fingerprint &&
    one.text === other.text &&
    JSON.stringify(one.params) === JSON.stringify(other.params)
  );
}
