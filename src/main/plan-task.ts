/** Runs in a Piscina thread: plans or formats one long query text. */
import { format as formatText } from '../../grammar/format.ts';
import type { Formatted } from '../../grammar/format.ts';
import type { CatalogueField } from '../analyze/field-catalogue.ts';
import type { Config } from '../config.ts';
import type { Value } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { ViewDefinition } from '../plan/plan-views.ts';

export interface PlanTask {
  readonly query: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly config: Config;
  readonly catalogue: readonly {
    readonly name: string;
    readonly fields: readonly CatalogueField[];
  }[];
  readonly views: readonly ViewDefinition[];
}

/** Against a copy of the catalogue. */
export function plan({ query, params, config, catalogue, views }: PlanTask): PlannedQuery {
  const byName = new Map(views.map((view) => [view.name, view]));
  const fields = new Map(catalogue.map((stream) => [stream.name, stream.fields]));
  return planQuery(query, {
    mode: 'live',
    params,
    config,
    views: { names: () => [...byName.keys()], get: (name) => byName.get(name) },
    catalogue: {
      streams: () => [...fields.keys()],
      fields: (stream) => fields.get(stream) ?? [],
    },
  });
}

export function format(query: string): Formatted {
  return formatText(query);
}
