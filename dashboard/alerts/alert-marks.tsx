/** What a firing alert has been through: muted, acknowledged, escalated, who reported. */
import type { JSX } from 'preact';
import type { AlertView, Escalation } from '../../src/alert/alert-views.ts';
import type { Acknowledgement } from '../../src/alert/notify/notification.ts';
import { dateText, durationText, safeText } from '../format.ts';
import { evidenceOf } from './alert-words.ts';
import { mutedWords } from './muted-words.ts';

export function AlertMarks({ alert, nowMs }: { alert: AlertView; nowMs: number }): JSX.Element {
  const agents = evidenceOf(alert).completeness?.agents;
  const { acknowledgement, escalation, receivers } = alert;
  return (
    <p class="firing-marks">
      {alert.state === 'recovering' && <span class="tag">recovering</span>}
      {mutedWords(alert).map((why) => (
        <span key={why} class="tag calm">
          {safeText(why, 80)}
        </span>
      ))}
      {acknowledgement !== null && (
        <span class="tag calm" title={dateText(acknowledgement.atMs)}>
          {acknowledgedText(acknowledgement)}
        </span>
      )}
      {escalation !== null && <EscalationMark escalation={escalation} nowMs={nowMs} />}
      {receivers.length > 0 && (
        <span class="faint">told to {safeText(receivers.join(', '), 80)}</span>
      )}
      {agents !== undefined && agents.expected > 0 && (
        <span class={agents.reporting < agents.expected ? 'tag warn' : 'faint'}>
          {agents.reporting} of {agents.expected} agents reported
        </span>
      )}
    </p>
  );
}

function EscalationMark({
  escalation: { next, steps, stepsDone },
  nowMs,
}: {
  escalation: Escalation;
  nowMs: number;
}): JSX.Element | null {
  if (stepsDone === 0 && next === null) return null;
  const done = stepsDone === 0 ? '' : `escalated, step ${stepsDone} of ${steps}`;
  const wait = next === null ? '' : durationText(Math.max(0, next.atMs - nowMs));
  const then = next === null ? '' : `${safeText(next.receiver, 40)} in ${wait}`;
  const text = [done, then].filter((part) => part !== '').join('; ');
  return <span class={stepsDone > 0 ? 'tag warn' : 'faint'}>{text}</span>;
}

function acknowledgedText({ by, comment, untilMs }: Acknowledgement): string {
  const until = untilMs === null ? '' : ` until ${dateText(untilMs).slice(11)}`;
  const why = comment === '' ? '' : `: ${safeText(comment, 80)}`;
  return `acknowledged by ${safeText(by, 40)}${until}${why}`;
}
