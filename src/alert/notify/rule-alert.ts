/** From a transition of a rule to the alert that people are told of. */
import type { ValueObject } from '../../model/value.ts';
import { isFiring } from '../transition.ts';
import type { AlertTransition } from '../transition.ts';
import { fingerprintOf } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import { renderTemplate } from './template.ts';

/** `externalUrl`: where people reach the dashboard, without a slash at the end. */
export function alertFromTransition(
  transition: AlertTransition,
  externalUrl: string,
): NotifiedAlert {
  const { labels, rule, condition, key, evidence } = transition;
  return {
    episode: transition.episode,
    fingerprint: fingerprintOf(labels, rule, condition, key),
    origin: 'rule',
    labels,
    annotations: annotationsOf(transition),
    severity: transition.severity,
    startsAtMs: transition.startsAtMs,
    endsAtMs: isFiring(transition.to) ? null : (transition.endsAtMs ?? transition.atMs),
    updatedAtMs: transition.atMs,
    expiresAtMs: null,
    link: linkOf(transition, externalUrl),
    runbook: transition.runbook,
    owner: transition.owner,
    route: transition.route,
    reason: transition.reason,
    evidence,
  };
}

function annotationsOf({ annotations, labels }: AlertTransition): Record<string, string> {
  const view: ValueObject = { ...annotations.view, labels };
  return Object.fromEntries(
    Object.entries(annotations.templates).map(([name, template]) => [
      name,
      renderTemplate(template, view),
    ]),
  );
}

/** Opens the query as it stood when the alert was decided, running. */
function linkOf({ evidence }: AlertTransition, externalUrl: string): string | null {
  const { query, fromMs, toMs } = evidence.queryLink;
  if (query === '') return null;
  const params = new URLSearchParams({
    q: query,
    run: '1',
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  });
  return `${externalUrl}/#${params.toString()}`;
}
