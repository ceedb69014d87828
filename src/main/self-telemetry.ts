/**
 * The engine's own life as the stream `squilla.engine`: one event a second, through the same ingest
 * and the same queries as everything else.
 */
import { processMemory } from '../observe/process-memory.ts';
import type { EngineHost } from './engine-host.ts';
import { publishOwnEvent } from './own-events.ts';

export const ENGINE_STREAM = 'squilla.engine';

const EVERY_MS = 1_000;

export class SelfTelemetry {
  readonly #host: EngineHost;
  readonly #ticker: NodeJS.Timeout;
  #cpu = process.cpuUsage();
  #atMs: number;
  #received = 0;
  readonly #now: () => number;

  constructor(host: EngineHost, now: () => number) {
    this.#host = host;
    this.#now = now;
    this.#atMs = now();
    this.#ticker = setInterval(() => this.#report(), EVERY_MS);
    this.#ticker.unref();
  }

  stop(): void {
    clearInterval(this.#ticker);
  }

  #report(): void {
    const { engine, metrics } = this.#host;
    if (!this.#host.ready()) return;
    const nowMs = this.#now();
    const elapsedMs = Math.max(1, nowMs - this.#atMs);
    const cpu = process.cpuUsage(this.#cpu);
    const page = engine.ledger.engine();
    const { residentBytes, heapBytes } = processMemory();
    const event = {
      queries: engine.pipelines.size,
      subscriptions: engine.subscriptionCount,
      agents: this.#host.agents().filter((agent) => agent.state === 'live').length,
      shards: engine.shardsUp.size,
      events_per_second: Math.round(((page.received - this.#received) / elapsedMs) * 1_000),
      received_events: page.received,
      evaluated_events: page.evaluated,
      late_events: engine.lateTotal,
      cpu_percent: Math.round(((cpu.user + cpu.system) / 10 / elapsedMs) * 10) / 10,
      resident_bytes: residentBytes,
      heap_bytes: heapBytes,
      tick_ms_p99: metrics.tickMs.quantileMs(0.99),
      result_delay_ms_p99: metrics.resultDelayMs.quantileMs(0.99),
    };
    this.#cpu = process.cpuUsage();
    this.#atMs = nowMs;
    this.#received = page.received;
    metrics.tickMs.reset();
    metrics.resultDelayMs.reset();
    publishOwnEvent(this.#host, ENGINE_STREAM, event);
  }
}
