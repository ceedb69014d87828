/** Runs in a Piscina thread: plans one query text against a copy of the catalogue. */
import type { CatalogueField } from '../analyze/field-catalogue.ts';
import type { Config } from '../config.ts';
import type { Value } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';

export interface PlanTask {
  readonly query: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly config: Config;
  readonly catalogue: readonly {
    readonly name: string;
    readonly fields: readonly CatalogueField[];
  }[];
}

export function plan({ query, params, config, catalogue }: PlanTask): PlannedQuery {
  const fields = new Map(catalogue.map((stream) => [stream.name, stream.fields]));
  return planQuery(query, {
    mode: 'live',
    params,
    config,
    catalogue: {
      streams: () => [...fields.keys()],
      fields: (stream) => fields.get(stream) ?? [],
    },
  });
}
