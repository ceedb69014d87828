/** The numbers of alerting, copied into the engine's counters when somebody asks for them. */
import { slotOf } from '../telemetry/counters.ts';
import type { CounterBlock } from '../telemetry/counters.ts';
import type { Alerting } from './alerting.ts';

export function copyAlertTotals({ service, eventsDropped }: Alerting, block: CounterBlock): void {
  const { counts, engine } = service;
  let pending = 0;
  let firing = 0;
  let late = 0;
  let deaf = 0;
  let running = 0;
  for (const watch of engine.watches()) {
    running++;
    pending += watch.pendingCount();
    for (const _ of watch.firing()) firing++;
    if (watch.sides.state('lag').sinceMs !== null) late++;
    if (engine.deafness(watch.rule.rule.name) !== null) deaf++;
  }
  const rules = service.book.entries().length;
  block.set(slotOf('squilla_live_rules'), rules);
  block.set(slotOf('squilla_broken_rules'), rules - running + deaf);
  block.set(slotOf('squilla_late_rules'), late);
  block.set(slotOf('squilla_firing_alerts'), firing);
  block.set(slotOf('squilla_pending_alerts'), pending);
  block.set(slotOf('squilla_alert_transitions_total'), counts.transitions);
  block.set(slotOf('squilla_alert_windows_total'), counts.windows);
  block.set(slotOf('squilla_alert_busy_ms_total'), Math.round(counts.busyMs));
  block.set(slotOf('squilla_alert_store_failures_total'), counts.storeFailures);
  block.set(slotOf('squilla_alert_lost_transitions_total'), counts.historyLost);
  block.set(slotOf('squilla_alert_dropped_events_total'), eventsDropped);
  block.set(slotOf('squilla_refused_rule_reloads_total'), counts.reloadsRefused);
}
