/**
 * The engine's numbers about itself. Totals that the coordinator keeps anyway are copied into the
 * counters when somebody asks; only what nobody else counts is counted here.
 */
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../coordinator/engine.ts';
import type { DeliverEffect } from '../coordinator/messages.ts';
import { LatencyRecorder } from '../observe/latency.ts';
import { metricFamilies } from '../observe/metric-families.ts';
import { processMemory } from '../observe/process-memory.ts';
import { renderPrometheusText } from '../observe/prometheus-text.ts';
import { CounterBlock, slotOf } from '../telemetry/counters.ts';
import { DROP_REASONS } from '../telemetry/signals.ts';
import type { DropReason } from '../telemetry/signals.ts';

const STATUSES = ['complete', 'partial', 'degraded'] as const;

export class EngineMetrics {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #block = new CounterBlock();
  readonly #copies: ((block: CounterBlock) => void)[] = [];
  readonly #recorders = {
    squilla_tick_ms: new LatencyRecorder(),
    squilla_result_delay_ms: new LatencyRecorder(),
  };
  readonly #windowSlots = Object.fromEntries(
    STATUSES.map((status) => [status, slotOf('squilla_closed_windows_total', { status })]),
  );
  readonly #messages = slotOf('squilla_sent_messages_total');
  readonly #bytes = slotOf('squilla_sent_bytes_total');
  readonly #started = slotOf('squilla_started_subscriptions_total');

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  get tickMs(): LatencyRecorder {
    return this.#recorders.squilla_tick_ms;
  }

  get resultDelayMs(): LatencyRecorder {
    return this.#recorders.squilla_result_delay_ms;
  }

  subscribed(): void {
    this.#block.add(this.#started);
  }

  /** Runs `turn` and records how long it took. */
  time(name: 'squilla_tick_ms', turn: () => void): void {
    const before = this.#clock.now();
    turn();
    this.#recorders[name].record(this.#clock.now() - before);
  }

  delivered({ message, subscriptions, body }: DeliverEffect): void {
    this.#block.add(this.#messages, subscriptions.length);
    this.#block.add(this.#bytes, body.length * subscriptions.length);
    if (message.type !== 'rows' || message.windowEnd === null) return;
    if (message.provisional || message.replay || message.part > 0) return;
    this.#block.add(this.#windowSlots[message.completeness.status] as number);
    const delayMs = message.completeness.emittedAt - message.windowEnd;
    if (delayMs >= 0) this.#recorders.squilla_result_delay_ms.record(delayMs);
  }

  /** Numbers that another part keeps, copied in when somebody asks. */
  add(copy: (block: CounterBlock) => void): void {
    this.#copies.push(copy);
  }

  text(): string {
    this.#copyTotals();
    for (const copy of this.#copies) copy(this.#block);
    return renderPrometheusText(metricFamilies([this.#block], this.#recorders));
  }

  #copyTotals(): void {
    const block = this.#block;
    const engine = this.#engine;
    const nowMs = this.#clock.now();
    const agents = engine.ledger.agents();
    block.set(slotOf('squilla_agent_offered_events_total'), agents.offered);
    block.set(slotOf('squilla_agent_filtered_events_total'), agents.filtered);
    block.set(slotOf('squilla_agent_sampled_out_events_total'), agents.sampledOut);
    block.set(slotOf('squilla_agent_aggregated_events_total'), agents.aggregated);
    block.set(slotOf('squilla_agent_sent_events_total'), agents.sent);
    const page = engine.ledger.engine();
    block.set(slotOf('squilla_received_events_total'), page.received);
    block.set(slotOf('squilla_evaluated_events_total'), page.evaluated);
    for (const reason of Object.keys(DROP_REASONS) as DropReason[]) {
      const lost = (agents.dropped[reason] ?? 0) + (page.dropped[reason] ?? 0);
      block.set(slotOf('squilla_dropped_events_total', { reason }), lost);
    }
    block.set(slotOf('squilla_late_events_total'), engine.lateTotal);
    block.set(slotOf('squilla_live_queries'), engine.pipelines.size);
    block.set(slotOf('squilla_shed_queries'), engine.shed.length);
    const { shed, quota, rows } = engine.registry.unevaluated;
    block.set(slotOf('squilla_shed_events_total'), shed);
    block.set(slotOf('squilla_over_budget_queries'), engine.registry.budgets.size);
    block.set(slotOf('squilla_over_budget_events_total'), quota);
    block.set(slotOf('squilla_refused_rows_total'), rows);
    block.set(slotOf('squilla_open_subscriptions'), engine.subscriptionCount);
    const states = [...engine.roster.agents()].map((agent) => engine.roster.state(agent, nowMs));
    const count = (state: string): number => states.filter((s) => s === state).length;
    block.set(slotOf('squilla_connected_agents'), count('live'));
    block.set(slotOf('squilla_silent_agents'), count('silent'));
    block.set(slotOf('squilla_live_shards'), engine.shardsUp.size);
    let restarts = 0;
    for (const n of engine.shardRestarts.values()) restarts += n;
    block.set(slotOf('squilla_shard_restarts_total'), restarts);
    let moves = 0;
    for (const n of engine.roster.sentAway.values()) moves += n;
    block.set(slotOf('squilla_moved_agents_total'), moves);
    const { user, system } = process.cpuUsage();
    block.set(slotOf('squilla_process_resident_bytes'), processMemory().residentBytes);
    block.set(slotOf('squilla_process_cpu_seconds_total'), (user + system) / 1e6);
    const uptimeSeconds = (nowMs - engine.startedAtMs) / 1_000;
    block.set(slotOf('squilla_process_uptime_seconds'), uptimeSeconds);
  }
}
