/** How much a tail shows of what there is, and how much of the truth the engine saw. */
import type { JSX } from 'preact';
import type { Dashboard } from '../dashboard.ts';
import type { Drawn } from '../explore.ts';
import { numberText, safeText } from '../format.ts';
import { TAIL_EVENTS_MAX } from '../limits.ts';
import type { ResultStore } from '../result-store.ts';
import { verdictFrom } from '../verdict.ts';
import { MatchBars } from './match-bars.tsx';
import type { Tail } from './tail.ts';

export interface TailFactsProps extends Drawn {
  readonly dashboard: Dashboard;
  readonly tail: Tail;
}

export function TailFacts({ dashboard, tail, revision }: TailFactsProps): JSX.Element {
  const { counts, events, log } = tail;
  const away = dashboard.connection.link.value.state === 'away';
  const lagMs = counts.progress?.lagMs ?? null;
  const { completeness } = counts;
  const verdict = verdictFrom({ completeness, away, live: tail.isRunning, lagMs });
  const lost = [...events.drops];
  const gaps = events.gaps.length;
  return (
    <section class="card tail-facts" aria-label="How much is shown">
      <div class={`verdict tone-${verdict.tone}`} role="status" title={safeText(verdict.detail)}>
        <i class="dot" />
        <strong>{verdict.word}</strong>
      </div>
      <p class="tail-share">
        <strong>{perSecond(counts)}/s</strong> match
        <span class={tail.step !== null && tail.step > 1 ? 'tail-step sampled' : 'tail-step'}>
          {stepText(tail)}
        </span>
      </p>
      <p class="tail-totals">
        {numberText(log.count)} of {numberText(Math.max(tail.matched, log.count))} shown
        {log.count > TAIL_EVENTS_MAX && `, newest ${numberText(TAIL_EVENTS_MAX)} kept`}
        {lost.map(([reason, count]) => (
          <span key={reason} class="warn">
            {' '}
            · {numberText(count)} not sent: {safeText(reason, 40)}
          </span>
        ))}
        {gaps > 0 && (
          <span class="warn">
            {' '}
            · {gaps === 1 ? 'a gap' : `${gaps} gaps`} (
            {safeText(events.gaps.at(-1)?.reason ?? '', 60)})
          </span>
        )}
      </p>
      <MatchBars store={counts} revision={revision} />
    </section>
  );
}

/** Of the newest second that was counted. */
function perSecond({ ring, isUnknown }: ResultStore): string {
  if (ring.length === 0 || isUnknown) return '–';
  return numberText(ring.valueAt('', 0, ring.length - 1));
}

function stepText({ step }: Tail): string {
  if (step === null) return 'counting…';
  return step === 1 ? 'every one is shown' : `1 in ${numberText(step)} is shown`;
}
