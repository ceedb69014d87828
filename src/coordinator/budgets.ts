/**
 * What queries and those who ask them may hold. Shards say what open panes take; a query that holds
 * more than one may, or is the largest of a client who holds more than all of his may, is
 * suspended: it gives up what it holds and is not evaluated, and its windows say `quota`. After a
 * while it is tried again, each time twice as long as before. Queries that stand (alert rules,
 * views) count for no client, but have the bound of one query like all others.
 *
 * Invariant: whatever is suspended is tried again within `shedProbeMsMax`.
 */
import type { Config } from '../config.ts';
import type { QueryState } from '../shard/messages.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { Sheddable } from './shedder.ts';

/** What a query was suspended for. */
export type Overdrawn = 'query-state' | 'client-state' | 'client-groups';

type BudgetConfig = Pick<
  Config,
  'queryStateBytesMax' | 'clientStateBytesMax' | 'clientGroupsMax' | 'shedCalmMs' | 'shedProbeMsMax'
>;

interface Suspended {
  readonly why: Overdrawn;
  readonly untilMs: number;
  readonly waitMs: number;
}

interface Account {
  bytes: number;
  groups: number;
  readonly held: { readonly stage: string; readonly state: StateSize }[];
}

export class Budgets<T extends Sheddable> {
  readonly #config: BudgetConfig;
  readonly #queryOf: (stage: string) => T | undefined;
  readonly #states = new Map<number, readonly QueryState[]>();
  readonly #suspended = new Map<T, Suspended>();
  /** Tried again, and how long it was suspended before. */
  readonly #tried = new Map<T, Suspended>();
  #isFresh = false;

  constructor(config: BudgetConfig, queryOf: (stage: string) => T | undefined) {
    this.#config = config;
    this.#queryOf = queryOf;
  }

  get queries(): Iterable<T> {
    return this.#suspended.keys();
  }

  get size(): number {
    return this.#suspended.size;
  }

  /** Null: it is within its budgets. */
  why(query: T): Overdrawn | null {
    return this.#suspended.get(query)?.why ?? null;
  }

  /** What the queries of a shard hold; replaces what it said before. */
  report(shard: number, states: readonly QueryState[]): void {
    this.#states.set(shard, states);
    this.#isFresh = true;
  }

  lost(shard: number): void {
    this.#states.delete(shard);
  }

  forget(query: T): void {
    this.#suspended.delete(query);
    this.#tried.delete(query);
  }

  /** What a query holds in all shards; null: next to nothing. */
  held(stage: string): StateSize | null {
    let total: StateSize | null = null;
    for (const states of this.#states.values()) {
      for (const state of states) if (state.pipeline === stage) total = together(total, state);
    }
    return total;
  }

  /** Why the client may ask nothing more for now; null: he may. */
  refusal(owner: string): string | null {
    const { clientStateBytesMax, clientGroupsMax } = this.#config;
    for (const [query, { why }] of this.#suspended) {
      if (query.owner === owner && why !== 'query-state') {
        return `queries of ${owner} were suspended for what they hold together (${why})`;
      }
    }
    const account = this.#accounts().get(owner);
    if (account === undefined) return null;
    if (account.bytes > clientStateBytesMax) {
      return `queries of ${owner} hold ${account.bytes} of ${clientStateBytesMax} bytes`;
    }
    if (account.groups > clientGroupsMax) {
      return `queries of ${owner} hold ${account.groups} of ${clientGroupsMax} groups`;
    }
    return null;
  }

  /** True: other queries are suspended than before. */
  decide(nowMs: number): boolean {
    let isChanged = this.#resume(nowMs);
    if (!this.#isFresh) return isChanged;
    this.#isFresh = false;
    const accounts = this.#accounts();
    for (const [stage, state] of this.#sums()) {
      if (state.bytes <= this.#config.queryStateBytesMax) continue;
      isChanged = this.#suspend(stage, 'query-state', nowMs) || isChanged;
    }
    for (const account of accounts.values()) {
      isChanged = this.#settle(account, nowMs) || isChanged;
    }
    return isChanged;
  }

  /** Suspends the largest of a client until the others are within what he may hold. */
  #settle(account: Account, nowMs: number): boolean {
    const { clientStateBytesMax, clientGroupsMax } = this.#config;
    if (account.bytes <= clientStateBytesMax && account.groups <= clientGroupsMax) return false;
    account.held.sort((a, b) => b.state.bytes - a.state.bytes);
    for (const { stage, state } of account.held) {
      const isHeavy = account.bytes > clientStateBytesMax;
      if (!isHeavy && account.groups <= clientGroupsMax) break;
      this.#suspend(stage, isHeavy ? 'client-state' : 'client-groups', nowMs);
      account.bytes -= state.bytes;
      account.groups -= state.groups;
    }
    return true;
  }

  #suspend(stage: string, why: Overdrawn, nowMs: number): boolean {
    const query = this.#queryOf(stage);
    if (query === undefined || this.#suspended.has(query)) return false;
    const { shedCalmMs, shedProbeMsMax } = this.#config;
    const before = this.#tried.get(query);
    const waitMs = Math.min(before === undefined ? shedCalmMs : before.waitMs * 2, shedProbeMsMax);
    this.#tried.delete(query);
    this.#suspended.set(query, { why, untilMs: nowMs + waitMs, waitMs });
    return true;
  }

  #resume(nowMs: number): boolean {
    let isChanged = false;
    for (const [query, suspended] of this.#suspended) {
      if (nowMs < suspended.untilMs) continue;
      this.#suspended.delete(query);
      this.#tried.set(query, { ...suspended, untilMs: nowMs + 2 * suspended.waitMs });
      isChanged = true;
    }
    // Who stayed within the budget for long enough starts from the beginning.
    for (const [query, { untilMs }] of this.#tried) if (nowMs >= untilMs) this.#tried.delete(query);
    return isChanged;
  }

  /** By client, of queries that somebody merely watches and that are not suspended. */
  #accounts(): Map<string, Account> {
    const accounts = new Map<string, Account>();
    for (const [stage, state] of this.#sums()) {
      const query = this.#queryOf(stage);
      if (query === undefined || query.owner === null || query.isStanding) continue;
      if (this.#suspended.has(query)) continue;
      let account = accounts.get(query.owner);
      if (account === undefined) {
        accounts.set(query.owner, (account = { bytes: 0, groups: 0, held: [] }));
      }
      account.bytes += state.bytes;
      account.groups += state.groups;
      account.held.push({ stage, state });
    }
    return accounts;
  }

  #sums(): Map<string, StateSize> {
    const sums = new Map<string, StateSize>();
    for (const states of this.#states.values()) {
      for (const state of states) {
        sums.set(state.pipeline, together(sums.get(state.pipeline) ?? null, state));
      }
    }
    return sums;
  }
}

/** Shards hold different bytes, but may hold the same groups. */
function together(one: StateSize | null, { bytes, groups }: StateSize): StateSize {
  return one === null
    ? { bytes, groups }
    : { bytes: one.bytes + bytes, groups: Math.max(one.groups, groups) };
}
