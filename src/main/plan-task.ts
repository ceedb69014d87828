/**
 * Runs in a Piscina thread: plans or formats one long query text. What the engine knows (streams,
 * tables, views) goes there as data, so that a long text means what a short one means.
 */
import { format as formatText } from '../../grammar/format.ts';
import type { Formatted } from '../../grammar/format.ts';
import { checkRules, rulesCheck } from '../alert/check-rules.ts';
import type { RulesCheck } from '../alert/check-rules.ts';
import { fileCheck } from '../alert/rule-book.ts';
import type { FileCheck } from '../alert/rule-book.ts';
import type { RuleScope } from '../alert/rule-scope.ts';
import type { CatalogueField, CatalogueTable, FieldCatalogue } from '../analyze/field-catalogue.ts';
import type { Config } from '../config.ts';
import type { Result } from '../core/result.ts';
import type { Value } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import { parseBody } from '../translate/json-body.ts';
import type { ViewDefinition, ViewDefinitions } from '../plan/plan-views.ts';

/** Longer texts are planned, and rules checked, in the pool. */
export const POOL_TEXT_LENGTH = 8 * 1024;

export interface PlanTask {
  readonly query: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly config: Config;
  readonly streams: readonly (readonly [name: string, fields: readonly CatalogueField[]])[];
  readonly tables: readonly (readonly [name: string, table: CatalogueTable])[];
  readonly views: readonly ViewDefinition[];
}

export interface KnownToEngine {
  readonly catalogue: FieldCatalogue;
  readonly views: ViewDefinitions;
}

export function planTask(
  head: Pick<PlanTask, 'query' | 'params' | 'config'>,
  { catalogue, views }: KnownToEngine,
): PlanTask {
  const names = catalogue.tables?.() ?? [];
  return {
    ...head,
    streams: catalogue.streams().map((name) => [name, catalogue.fields(name)] as const),
    tables: names.flatMap((name) => {
      const table = catalogue.table?.(name) ?? null;
      return table === null ? [] : [[name, table] as const];
    }),
    views: views.names().flatMap((name) => {
      const view = views.get(name);
      if (view === undefined) return [];
      // A saved query has more to it than planning cares for, and not all of it can travel.
      return [{ name, version: view.version, text: view.text, params: view.params }];
    }),
  };
}

export type RuleFileTask = Omit<PlanTask, 'query' | 'params'> & { readonly text: string };

/** A file of rules, checked whole. */
export function checkRuleFile(task: RuleFileTask): FileCheck {
  return fileCheck(checkRules(task.text, scopeOf(task)));
}

/** A plan of a text that takes long to make, so that it is made once. */
export interface MadePlan {
  readonly query: string;
  readonly params: PlanTask['params'];
  readonly planned: PlannedQuery;
}

export interface TextCheck extends RulesCheck {
  /** Of long queries. */
  readonly plans: readonly MadePlan[];
}

/** Rules that somebody asks about, and the plans that were made for the answer. */
export function checkRuleText(task: RuleFileTask): TextCheck {
  const { plan: make, saved } = scopeOf(task);
  const plans: MadePlan[] = [];
  const kept = (query: string, params: PlanTask['params']): PlannedQuery => {
    const planned = make(query, params);
    if (query.length > POOL_TEXT_LENGTH) plans.push({ query, params, planned });
    return planned;
  };
  return { ...rulesCheck(checkRules(task.text, { plan: kept, saved })), plans };
}

function scopeOf(task: RuleFileTask): RuleScope {
  const views = new Map(task.views.map((view) => [view.name, view]));
  return {
    plan: (query, params) => plan({ ...task, query, params }),
    saved: { names: () => [...views.keys()], get: (name) => views.get(name) },
  };
}

export function plan(task: PlanTask): PlannedQuery {
  const streams = new Map(task.streams);
  const tables = new Map(task.tables);
  const views = new Map(task.views.map((view) => [view.name, view]));
  return planQuery(task.query, {
    mode: 'live',
    params: task.params,
    config: task.config,
    catalogue: {
      streams: () => [...streams.keys()],
      fields: (stream) => streams.get(stream) ?? [],
      table: (name) => tables.get(name) ?? null,
      tables: () => [...tables.keys()],
    },
    views: { names: () => [...views.keys()], get: (name) => views.get(name) },
  });
}

/** A large body of a request. */
export interface JsonTask {
  readonly body: Uint8Array;
  readonly config: Config;
}

export function readJson({ body, config }: JsonTask): Result<unknown, string> {
  return parseBody(body, config);
}

export function format(query: string): Formatted {
  return formatText(query);
}
