/**
 * Prometheus' text format, version 0.0.4: what `/metrics` answers. Names are sanitised and label
 * values escaped here, so callers may hand in any string.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { SignalKind } from '../telemetry/signals.ts';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string>>;

export interface MetricFamily {
  readonly name: string;
  readonly kind: SignalKind;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

export type MetricSample = NumberSample | HistogramSample;

export interface NumberSample {
  readonly labels: Labels;
  readonly value: number;
}

export interface HistogramSample {
  readonly labels: Labels;
  /** Ascending upper bounds; `counts` at the same index are cumulative. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Families in the given order, each with its samples in theirs. */
export function renderPrometheusText(families: Iterable<MetricFamily>): string {
  const lines: string[] = [];
  for (const family of families) {
    const name = metricName(family.name);
    lines.push(`# HELP ${name} ${escapeHelp(family.help)}`, `# TYPE ${name} ${family.kind}`);
    for (const sample of family.samples) {
      if ('value' in sample) lines.push(line(name, sample.labels, sample.value));
      else renderHistogram(lines, name, sample);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function renderHistogram(lines: string[], name: string, sample: HistogramSample): void {
  const { labels, bounds, counts, count, sum } = sample;
  for (const [index, bound] of bounds.entries()) {
    lines.push(line(`${name}_bucket`, { ...labels, le: numberText(bound) }, counts[index] ?? 0));
  }
  lines.push(
    line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  );
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${labelName(label)}="${escapeLabel(text)}"`,
  );
  const set = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${name}${set} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function metricName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d|$)/, '_');
}

/** Like a metric name, but a colon is not allowed. */
function labelName(name: string): string {
  return metricName(name).replaceAll(':', '_');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', String.raw`\"`);
}
