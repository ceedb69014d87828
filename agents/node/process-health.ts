/**
 * How well the process itself is: `node.event_loop` once a second, `node.gc` for each collection.
 * Neither is measured while nobody asks.
 */
import {
  constants,
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
} from 'node:perf_hooks';
import type { EventLoopUtilization, IntervalHistogram, PerformanceEntry } from 'node:perf_hooks';
import type { Agent } from '../agent.ts';
import type { AgentStream } from '../published-stream.ts';

const NS_PER_MS = 1e6;
const RESOLUTION_MS = 10;

const GC_KINDS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak-callbacks'],
]);

/** Node's types leave out the detail. */
interface GcEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: number };
}

/** Something that is measured while its stream is asked for. */
interface Meter {
  readonly stream: AgentStream;
  start(): void;
  stop(): void;
  /** Once a turn while it measures. */
  tell(): void;
}

export function watchHealth(agent: Agent, intervalMs: number): () => void {
  const meters = [eventLoopMeter(agent), gcMeter(agent)];
  const running = new Set<Meter>();
  const turn = (meter: Meter): void => {
    if (meter.stream.active) {
      if (running.has(meter)) meter.tell();
      else meter.start();
      running.add(meter);
    } else if (running.delete(meter)) meter.stop();
  };
  const timer = setInterval(() => meters.forEach(turn), intervalMs).unref();
  return () => {
    clearInterval(timer);
    for (const meter of running) meter.stop();
  };
}

function eventLoopMeter(agent: Agent): Meter {
  const stream = agent.stream('node.event_loop');
  let delays: IntervalHistogram | null = null;
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  // So that the fields are known before anybody asks.
  if (!stream.active) stream.publish(loopEvent(monitorEventLoopDelay(), before));
  return {
    stream,
    start: () => {
      delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delays.enable();
      before = performance.eventLoopUtilization();
    },
    stop: () => {
      delays?.disable();
      delays = null;
    },
    tell: () => {
      if (delays === null) return;
      const now = performance.eventLoopUtilization();
      stream.publish(loopEvent(delays, performance.eventLoopUtilization(now, before)));
      delays.reset();
      before = now;
    },
  };
}

/** Delays are what a timer came late; the histogram counts its own interval with them. */
function loopEvent(delays: IntervalHistogram, { utilization }: EventLoopUtilization): object {
  const late = (ns: number): number => {
    return Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS - RESOLUTION_MS) : 0;
  };
  return {
    utilization,
    mean_ms: late(delays.mean),
    p50_ms: late(delays.percentile(50)),
    p99_ms: late(delays.percentile(99)),
    max_ms: late(delays.max),
  };
}

function gcMeter(agent: Agent): Meter {
  const stream = agent.stream('node.gc');
  if (!stream.active) stream.publish({ kind: 'minor', duration_ms: 0 });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail, duration } = entry as GcEntry;
      const { kind } = detail ?? {};
      stream.publish({ kind: GC_KINDS.get(kind ?? 0) ?? 'other', duration_ms: duration });
    }
  });
  return {
    stream,
    start: () => observer.observe({ entryTypes: ['gc'] }),
    stop: () => observer.disconnect(),
    tell: () => undefined,
  };
}
