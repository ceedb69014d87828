/** The tour's card: one step at a time, over whatever screen is shown. */
import type { JSX } from 'preact';
import '../styles/tour.css';
import type { Dashboard } from '../dashboard.ts';
import { Icon } from '../icons.tsx';
import { TOUR_STEPS } from './tour.ts';
import type { Tour, TourStep } from './tour.ts';

export interface TourCardProps {
  readonly dashboard: Dashboard;
  readonly tour: Tour;
}

const TITLES: Readonly<Record<TourStep, string>> = {
  break: 'Find an incident in three minutes',
  notice: 'Something broke. What?',
  differs: 'For whom?',
  alert: 'Be told the next time',
  rule: 'Look at it, then put it in force',
  done: 'That is all there is to it',
};

export function TourCard({ dashboard, tour }: TourCardProps): JSX.Element {
  const step = tour.step.value;
  const at = TOUR_STEPS.indexOf(step);
  return (
    <section class="tour" aria-label="Tour">
      <header>
        <h2>{TITLES[step]}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Leave the tour"
          title="Leave the tour; the palette (Ctrl K) brings it back"
          onClick={() => tour.leave()}
        >
          <Icon name="close" />
        </button>
      </header>
      <div aria-live="polite">
        <StepText {...{ dashboard, tour, step }} />
      </div>
      {tour.failure.value !== null && <p class="tour-failure">{tour.failure.value}</p>}
      <footer>
        <ol class="tour-dots" aria-label={`Step ${at + 1} of ${TOUR_STEPS.length}`}>
          {TOUR_STEPS.map((name, index) => (
            <li key={name} class={index < at ? 'past' : index === at ? 'now' : ''} />
          ))}
        </ol>
        <Action {...{ dashboard, tour, step }} />
      </footer>
    </section>
  );
}

type StepProps = TourCardProps & { readonly step: TourStep };

function StepText({ dashboard, step }: StepProps): JSX.Element {
  const [noticed] = dashboard.explore.noticed.value;
  switch (step) {
    case 'break':
      return (
        <p>
          This is live: playback starts of a small streaming service that runs on your machine, by
          region. Let us break it, and find out what broke.
        </p>
      );
    case 'notice':
      return noticed === undefined ? (
        <p>Watch the lines: within seconds one of them is not what it was.</p>
      ) : (
        <p>
          The line above the chart says which region, by how much and <strong>since when</strong>.
          Press <strong>What differs?</strong> beside it.
        </p>
      );
    case 'differs':
      return (
        <p>
          Events since then are compared with those before, field by field. The value at the top
          explains most of it: <strong>click it</strong> to look at these events alone.
        </p>
      );
    case 'alert':
      return (
        <p>
          The query was narrowed for you: region and device stand in its <code>where</code>.{' '}
          <strong>Alert</strong> begins a rule, so that you are told the next time.
        </p>
      );
    case 'rule':
      return (
        <p>
          A rule is this query and a condition, half way between what was and what is. The strip
          shows what it would have done. Press <strong>Put in force</strong>.
        </p>
      );
    case 'done':
      return (
        <p>
          The rule watches from now on and fires in some seconds, as the incident still lasts. Mend
          the service, and watch the alert end.
        </p>
      );
  }
}

function Action({ dashboard, tour, step }: StepProps): JSX.Element | null {
  const calmLeft = tour.calmLeft.value;
  switch (step) {
    case 'break':
      return (
        <button
          type="button"
          class="button primary"
          disabled={calmLeft > 0}
          onClick={() => void tour.breakSomething()}
        >
          <Icon name="bolt" />
          {calmLeft > 0 ? `Watching it well… ${calmLeft}` : 'Break something'}
        </button>
      );
    case 'alert':
      return (
        <button
          type="button"
          class="button primary"
          onClick={() => void import('../begin-rule.ts').then((code) => code.beginRule(dashboard))}
        >
          <Icon name="bell" />
          Alert
        </button>
      );
    case 'done':
      return (
        <button type="button" class="button primary" onClick={() => void tour.heal()}>
          <Icon name="heart" />
          Heal and finish
        </button>
      );
    default:
      return null;
  }
}
