/**
 * The catalogue of signals joined with the numbers behind it: counter blocks of all threads and the
 * latency recorders of this one. Every signal appears, also those that are still zero, so that a
 * rate over a counter's first increment is right.
 */
import { SERIES, totalOf } from '../telemetry/counters.ts';
import type { CounterBlock } from '../telemetry/counters.ts';
import { SIGNALS } from '../telemetry/signals.ts';
import type { SignalName, SignalNameOf } from '../telemetry/signals.ts';
import { LATENCY_BOUNDS_MS } from './latency.ts';
import type { LatencyRecorder } from './latency.ts';
import type { HistogramSample, MetricFamily, MetricSample } from './prometheus-text.ts';

export type LatencyRecorders = Readonly<
  Partial<Record<SignalNameOf<'histogram'>, LatencyRecorder>>
>;

/** For `renderPrometheusText`. Histograms without a recorder here are left out. */
export function metricFamilies(
  blocks: readonly CounterBlock[],
  recorders: LatencyRecorders,
): MetricFamily[] {
  const samples = new Map<SignalName, MetricSample[]>();
  for (const [slot, { name, labels }] of SERIES.entries()) {
    const held = samples.get(name) ?? [];
    held.push({ labels, value: totalOf(blocks, slot) });
    samples.set(name, held);
  }
  for (const [name, recorder] of Object.entries(recorders)) {
    samples.set(name as SignalName, [histogramSample(recorder)]);
  }
  return (Object.keys(SIGNALS) as SignalName[]).flatMap((name) => {
    const held = samples.get(name);
    const { kind, help } = SIGNALS[name];
    return held === undefined ? [] : [{ name, kind, help, samples: held }];
  });
}

function histogramSample(recorder: LatencyRecorder): HistogramSample {
  const { counts, count, sumMs } = recorder.cumulative();
  return { labels: {}, bounds: LATENCY_BOUNDS_MS, counts, count, sum: sumMs };
}
