/**
 * The windowed queries that read the same fields of the same streams in panes of the same length.
 * They see every batch through one view, find their rows through one index, and have the events
 * that were looked at counted once for all; only queries with matching rows are touched by a batch.
 *
 * Invariant: each query's panes are those it would have if it were evaluated alone.
 * Bench: bench/many-queries.ts.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters } from '../expr/context.ts';
import { pathText } from '../ir/path-text.ts';
import type { AggregateSpec, AggregateStage, QueryPlan } from '../ir/plan.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { PredicateIndex } from '../kernel/predicate-index.ts';
import { allRows } from '../kernel/selection.ts';
import type { EventBatch } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { PaneClock } from '../window/pane-clock.ts';
import { rowsUntil, splitByPane } from '../window/pane-split.ts';
import { AggregateFeed } from './aggregate-feed.ts';
import type { CohortTable } from './cohort-table.ts';
import { PaneTable } from './pane-table.ts';
import type { BatchClock } from './project-rows.ts';
import { canShareStates, FamilyMember, QueryFamily } from './query-family.ts';

/** With as many panes as this, those that all queries have closed are looked for. */
const PANES_FEW = 16;

interface SharedFeed {
  readonly feed: AggregateFeed;
  users: number;
}

/** Equal keys may share a cohort. Null: what a sample takes is a query's own. */
export function cohortKey(plan: QueryPlan): string | null {
  if (plan.source.sample !== null) return null;
  const { fields, allFields } = plan.source;
  const sources = plan.sources.map(({ pattern, glob }) => [pattern, glob]);
  return JSON.stringify([sources, fields.map(pathText).sort(), allFields, plan.window.paneMs]);
}

export class PaneCohort {
  readonly #config: Config;
  readonly #fields = new FieldSet();
  readonly #counters: EvalCounters = createEvalCounters();
  readonly #view: BatchView = new BatchView(this.#fields);
  readonly #clock: PaneClock;
  readonly #index: PredicateIndex<CohortTable>;
  readonly #plans = new Map<CohortTable, QueryPlan>();
  readonly #families = new Map<string, QueryFamily>();
  readonly #feeds = new Map<string, SharedFeed>();
  /** Of the rows that the index deals: their pane, and whether the clock has counted them. */
  #startMs = 0;
  #isShared = true;
  #early: Uint32Array = new Uint32Array(0);

  constructor(plan: QueryPlan, config: Config) {
    this.#config = config;
    const { paneMs } = plan.window;
    this.#clock = new PaneClock({ paneMs, openPanesMax: config.openPanesMax });
    for (const path of plan.source.fields) this.#fields.number(path);
    this.#index = new PredicateIndex<CohortTable>(
      this.#fields,
      this.#counters,
      (table, rows, n) => {
        const added = table.addMatched(this.#view, this.#startMs, rows, n);
        if (!added && this.#isShared) table.refuse(n);
      },
      (table) => (table instanceof FamilyMember ? table : null),
    );
  }

  get size(): number {
    return this.#plans.size;
  }

  /** A table of the cohort; `plan` must have its key. Panes up to `closedThroughMs` are closed. */
  add(plan: QueryPlan, closedThroughMs: number): CohortTable {
    const table =
      this.#familyOf(plan)?.join(closedThroughMs) ?? this.#ownTable(plan, closedThroughMs);
    this.#plans.set(table, plan);
    this.#index.add(plan.source.where, table);
    return table;
  }

  /** Whether the table is given rows that match; it counts what is seen in either case. */
  attend(table: CohortTable, attends: boolean): void {
    const plan = this.#plans.get(table);
    if (plan === undefined) return;
    this.#index.remove(table);
    if (attends) this.#index.add(plan.source.where, table);
  }

  remove(table: CohortTable): void {
    const plan = this.#plans.get(table);
    if (plan === undefined) return;
    this.#plans.delete(table);
    this.#index.remove(table);
    for (const spec of plan.aggregate?.aggregates ?? []) this.#releaseFeed(spec);
    if (!(table instanceof FamilyMember)) return;
    const key = familyKey(plan.aggregate!);
    const family = this.#families.get(key);
    family?.leave(table);
    if (family?.size === 0) this.#families.delete(key);
  }

  /**
   * Rows beyond `clock.latestMs` are left out and not counted. `not-covered`: the sender was not
   * yet asked for the cohort's fields; nothing was counted.
   */
  addBatch(batch: EventBatch, clock: BatchClock): 'added' | 'not-covered' {
    if (batch.rows === 0) return 'added';
    const bound = this.#view.bind(batch, clock.nowMs, clock.ingestMs);
    if (bound === 'not-covered') return bound;
    const { times, span, rows: count } = batch;
    let rows = allRows(count);
    let n = count;
    if (clock.latestMs !== undefined && span.maxMs > clock.latestMs) {
      this.#early = grownUints(this.#early, count);
      n = rowsUntil(times, count, clock.latestMs, this.#early);
      rows = this.#early;
    }
    if (n === 0) return 'added';
    const { paneMs } = this.#clock;
    const startMs = Math.floor(span.minMs / paneMs) * paneMs;
    if (span.maxMs < startMs + paneMs) {
      this.#addRows(startMs, rows, n);
    } else {
      for (const part of splitByPane(times, rows, n, paneMs)) {
        this.#addRows(part.startMs, part.rows, part.n);
      }
    }
    return 'added';
  }

  /** Counts events that an agent looked at around `timeMs` and did not ship. */
  addFiltered(timeMs: number, count: number): void {
    if (count === 0) return;
    const { paneMs } = this.#clock;
    const startMs = Math.floor(timeMs / paneMs) * paneMs;
    if (this.#countForAll(startMs, count)) return;
    for (const table of this.#plans.keys()) table.addFiltered(timeMs, count);
  }

  #addRows(startMs: number, rows: Uint32Array, n: number): void {
    this.#isShared = this.#countForAll(startMs, n);
    if (!this.#isShared) {
      for (const table of this.#plans.keys()) table.look(startMs, n);
    }
    this.#startMs = startMs;
    for (const family of this.#families.values()) {
      family.bind(this.#view, startMs, this.#isShared);
    }
    this.#index.run(this.#view, rows, n);
    for (const family of this.#families.values()) family.flush(this.#view);
  }

  #countForAll(startMs: number, count: number): boolean {
    const isMany = this.#clock.size >= Math.min(PANES_FEW, this.#config.openPanesMax);
    if (isMany && !this.#clock.has(startMs)) this.#forgetClosed();
    return this.#clock.add(startMs, count);
  }

  #forgetClosed(): void {
    let throughMs = Infinity;
    for (const table of this.#plans.keys()) {
      throughMs = Math.min(throughMs, table.closedThroughMs);
    }
    this.#clock.forget(throughMs);
  }

  #ownTable(plan: QueryPlan, closedThroughMs: number): PaneTable {
    const shared = {
      fields: this.#fields,
      counters: this.#counters,
      feedOf: (spec: AggregateSpec) => this.#takeFeed(spec),
      clock: this.#clock,
    };
    return new PaneTable(plan, { config: this.#config, closedThroughMs, shared });
  }

  /** Null: the query's states are its own. */
  #familyOf({ aggregate: stage }: QueryPlan): QueryFamily | null {
    if (stage === null || !canShareStates(stage)) return null;
    const key = familyKey(stage);
    const feeds = stage.aggregates.map((spec) => this.#takeFeed(spec));
    let family = this.#families.get(key);
    if (family === undefined) {
      const { openPanesMax } = this.#config;
      family = new QueryFamily({ stage, feeds, clock: this.#clock, openPanesMax });
      this.#families.set(key, family);
    }
    return family;
  }

  #takeFeed(spec: AggregateSpec): AggregateFeed {
    const key = JSON.stringify(spec);
    let shared = this.#feeds.get(key);
    if (shared === undefined) {
      shared = { feed: new AggregateFeed(spec, this.#fields, this.#counters), users: 0 };
      this.#feeds.set(key, shared);
    }
    shared.users++;
    return shared.feed;
  }

  #releaseFeed(spec: AggregateSpec): void {
    const key = JSON.stringify(spec);
    const shared = this.#feeds.get(key);
    if (shared !== undefined && --shared.users === 0) this.#feeds.delete(key);
  }
}

function familyKey({ aggregates }: AggregateStage): string {
  return JSON.stringify(aggregates);
}
