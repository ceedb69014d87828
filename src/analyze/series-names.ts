/** How functions over series are called in queries, and where they cannot stand. */
import type { Call } from '../../grammar/ast.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import { SERIES_FUNCTIONS } from '../series/catalogue.ts';
import type { SeriesDefinition } from '../series/contract.ts';
import type { AnalysisContext } from './context.ts';
import { NULL } from './ir-nodes.ts';

const BY_NAME: ReadonlyMap<string, SeriesDefinition> = new Map(
  SERIES_FUNCTIONS.map((definition) => [definition.name, definition]),
);

/** Names for did-you-mean. */
export const SERIES_NAMES: readonly string[] = [...BY_NAME.keys()];

/** In any case; null: no such function. */
export function seriesNamed(written: string): SeriesDefinition | null {
  return BY_NAME.get(written.toLowerCase()) ?? null;
}

export function isSeriesName(written: string): boolean {
  return seriesNamed(written) !== null;
}

/** @param place Where the call stands, for the message: `WHERE`, `an aggregate`. */
export function refuseSeries(node: Call, place: string, { report }: AnalysisContext): Ir {
  const message = `${node.name.toUpperCase()} compares results of windows and cannot stand in ${place}`;
  report.add('MQL_SERIES_NOT_ALLOWED', node.span, message, {
    hint: place === 'WHERE' ? 'Put it in HAVING.' : undefined,
  });
  return NULL;
}
