/**
 * Every series function by its name in plans: documentation, completion, checking and running read
 * this one table. `anomaly_mad` has no name in the language; the ANOMALY clause means it.
 */
import { assert } from '../core/assert.ts';
import type { SeriesSpec } from '../ir/plan.ts';
import { BASELINE, BASELINE_HIGH, BASELINE_LOW, DEVIATION } from './baseline.ts';
import type { SeriesDefinition } from './contract.ts';
import { DES } from './des.ts';
import { EWMA } from './ewma.ts';
import { HOLT_WINTERS } from './holt-winters.ts';
import { CHANGE, LAG, PREVIOUS } from './lag.ts';
import { MAD } from './mad.ts';
import { MANTIS_MAD } from './mantis-mad.ts';
import { OFFSET } from './offset.ts';
import { OUTLIER } from './outlier.ts';
import { ZSCORE } from './zscore.ts';

const DEFINITIONS: readonly SeriesDefinition[] = [
  BASELINE,
  BASELINE_LOW,
  BASELINE_HIGH,
  DEVIATION,
  EWMA,
  DES,
  HOLT_WINTERS,
  LAG,
  PREVIOUS,
  CHANGE,
  OFFSET,
  ZSCORE,
  MAD,
  OUTLIER,
  MANTIS_MAD,
];

export const SERIES: ReadonlyMap<string, SeriesDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);

/** What a query may call. */
export const SERIES_FUNCTIONS: readonly SeriesDefinition[] = DEFINITIONS.filter(
  (definition) => definition !== MANTIS_MAD,
);

export function seriesDefinition(spec: SeriesSpec): SeriesDefinition {
  const definition = SERIES.get(spec.name);
  assert(definition !== undefined, () => `no series function ${spec.name}`);
  return definition;
}
