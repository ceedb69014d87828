/** The numbers of notifications, copied into the engine's counters when somebody asks for them. */
import { isFiringAlert } from '../alert/notify/notified-alert.ts';
import { isMuted } from '../alert/notify/notifier-messages.ts';
import { silenceState } from '../alert/notify/silence.ts';
import { slotOf } from '../telemetry/counters.ts';
import type { CounterBlock } from '../telemetry/counters.ts';
import type { NotifyHost } from './notify-host.ts';

export function copyNotifyTotals(host: NotifyHost, block: CounterBlock): void {
  const { notifier, outbox, nowMs, settled, status } = host;
  let muted = 0;
  for (const held of notifier.held.values()) {
    if (isFiringAlert(held.alert) && isMuted(held.muted)) muted += 1;
  }
  let open = 0;
  for (const { incident } of notifier.groups.values()) if (incident !== null) open += 1;
  let silences = 0;
  for (const silence of notifier.silences.values()) {
    if (silenceState(silence, nowMs) === 'active') silences += 1;
  }
  const resting = outbox.states(nowMs).filter(({ breaker }) => breaker !== 'closed').length;
  for (const state of ['sent', 'failed', 'dropped'] as const) {
    block.set(slotOf('squilla_settled_notifications_total', { state }), settled[state]);
  }
  block.set(slotOf('squilla_waiting_notifications'), outbox.size);
  block.set(slotOf('squilla_resting_receivers'), resting);
  block.set(slotOf('squilla_open_incidents'), open);
  block.set(slotOf('squilla_muted_alerts'), muted);
  block.set(slotOf('squilla_active_silences'), silences);
  block.set(slotOf('squilla_unstored_notifications'), status.isStored ? 0 : 1 + status.waiting);
}
