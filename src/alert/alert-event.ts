/** A transition as an event of the stream of alerts. */
import type { ValueObject } from '../model/value.ts';
import type { AlertTransition } from './transition.ts';

export function alertEvent(transition: AlertTransition): ValueObject {
  const { window, evidence, labels } = transition;
  return {
    event: 'transition',
    id: transition.id,
    rule: transition.rule,
    version: transition.ruleVersion,
    condition: transition.condition,
    key: transition.key,
    episode: transition.episode,
    from: transition.from,
    to: transition.to,
    severity: transition.severity,
    reason: transition.reason,
    owner: transition.owner,
    labels,
    values: evidence.values,
    at: transition.atMs,
    window_end: window?.endMs ?? null,
    starts_at: transition.startsAtMs,
    ends_at: transition.endsAtMs,
    // How long it took from the end of the window that proves it to the decision.
    delay_ms: window === null ? null : transition.atMs - window.endMs,
  };
}
