/**
 * One sample of Prometheus as an event: its name, its labels, and the name of its series, which
 * tells it from all others and is what counters are to be grouped by.
 */
import type { Value } from '../model/value.ts';

/** Types as remote write counts them. */
export const SERIES_TYPES: readonly (string | null)[] = [
  ...[null, 'counter', 'gauge', 'histogram'],
  ...['gaugehistogram', 'summary', 'info', 'stateset'],
];

const NAME = '__name__';

export interface SampleFamily {
  readonly type: string | null;
  readonly unit: string | null;
}

export function labelledEvent(
  labels: Readonly<Record<string, string>>,
  { type, unit }: SampleFamily,
): Record<string, Value> {
  const { [NAME]: name, ...own } = labels;
  return {
    name: name ?? null,
    series: seriesName(name ?? '', own),
    type,
    unit,
    job: own['job'] ?? null,
    instance: own['instance'] ?? null,
    labels: own,
  };
}

/** As Prometheus writes it, with labels in order: `up{instance="a:9100",job="node"}`. */
export function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return name;
  const pairs = names.map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return `${name}{${pairs.join(',')}}`;
}
