/** What fires now, by rule, with what it was decided on and what can be done about it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { AlertView } from '../../src/alert/alert-views.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Dashboard } from '../dashboard.ts';
import {
  agoText,
  countText,
  dateText,
  numberText,
  readableText,
  safeText,
  valueText,
} from '../format.ts';
import { Icon } from '../icons.tsx';
import { ALERTS_SHOWN_MAX } from '../limits.ts';
import { addressOf } from '../router.ts';
import { decidingValue, evidenceOf, groupByRule, keyText, webLink } from './alert-words.ts';
import type { RuleGroup } from './alert-words.ts';
import { AlertMarks } from './alert-marks.tsx';
import { Exemplars } from './exemplars.tsx';
import { isMuted } from './muted-words.ts';
import { LabelChips, SeverityTag } from './severity-tag.tsx';
import { SilenceForm } from './silence-form.tsx';
import { Sparkline } from './sparkline.tsx';

export function Firing({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { firing } = dashboard;
  const silencing = useSignal<AlertView | null>(null);
  const alerts = firing.value.value;
  if (alerts === null) return <Waiting failure={firing.failure.value} />;
  if (alerts.length === 0) return <AllQuiet />;
  let left = ALERTS_SHOWN_MAX;
  return (
    <>
      {firing.failure.value !== null && <p class="notice warn">{firing.failure.value}</p>}
      {groupByRule(alerts).map((group) => {
        const shown = group.alerts.slice(0, Math.max(0, left));
        left -= shown.length;
        if (shown.length === 0) return null;
        return (
          <FiringRule
            key={group.rule}
            {...{ dashboard, group, shown }}
            onSilence={(alert) => (silencing.value = alert)}
          />
        );
      })}
      {alerts.length > ALERTS_SHOWN_MAX && (
        <p class="panel-note">
          {countText(alerts.length - ALERTS_SHOWN_MAX, 'more alert')} not listed.
        </p>
      )}
      {silencing.value !== null && (
        <SilenceForm
          api={dashboard.api}
          labels={silencing.value.labels}
          onClose={() => (silencing.value = null)}
        />
      )}
    </>
  );
}

function Waiting({ failure }: { failure: string | null }): JSX.Element {
  return failure === null ? (
    <div class="loading" role="status" aria-label="Loading" />
  ) : (
    <div class="card empty" role="alert">
      <p class="empty-title">No word from the engine</p>
      <p>{failure}</p>
    </div>
  );
}

function AllQuiet(): JSX.Element {
  return (
    <div class="card empty">
      <span class="quiet-mark">
        <Icon name="check" />
      </span>
      <p class="empty-title">Nothing fires</p>
      <p>
        Every rule that can tell says so. Whether each can tell is in{' '}
        <a class="link" href={addressOf('alerts', ['rules'])}>
          Rules
        </a>
        .
      </p>
    </div>
  );
}

interface GroupProps {
  readonly dashboard: Dashboard;
  readonly group: RuleGroup;
  readonly shown: readonly AlertView[];
  readonly onSilence: (alert: AlertView) => void;
}

function FiringRule({ dashboard, group, shown, onSilence }: GroupProps): JSX.Element {
  const [first] = group.alerts;
  const runbook = webLink(first?.runbook ?? null);
  const owner = first?.owner ?? null;
  return (
    <section class="card firing-rule" aria-label={`Alerts of ${safeText(group.rule)}`}>
      <header class="firing-head">
        <SeverityTag severity={group.severity} />
        <h3>
          <a class="link strong" href={addressOf('alerts', ['rules', group.rule])}>
            <bdi>{safeText(group.rule)}</bdi>
          </a>
        </h3>
        <span class="count">{numberText(group.alerts.length)}</span>
        <span class="top-space" />
        {owner !== null && <span class="faint">owner {safeText(owner, 60)}</span>}
        {runbook !== null && (
          <a class="link" href={runbook} target="_blank" rel="noopener noreferrer">
            Runbook
          </a>
        )}
      </header>
      <ul>
        {shown.map((alert) => (
          <FiringAlert key={alert.episode} {...{ dashboard, alert, onSilence }} />
        ))}
      </ul>
    </section>
  );
}

interface AlertProps {
  readonly dashboard: Dashboard;
  readonly alert: AlertView;
  readonly onSilence: (alert: AlertView) => void;
}

function FiringAlert({ dashboard, alert, onSilence }: AlertProps): JSX.Element {
  const evidence = evidenceOf(alert);
  const { incident } = alert;
  const values = (evidence.sparkline ?? []).map(({ value }) => value);
  return (
    <li class={isMuted(alert) ? 'firing-alert muted' : 'firing-alert'}>
      <div class="firing-what">
        <LabelChips labels={alert.labels} />
        <p class="firing-why">
          {alert.condition !== 'threshold' && <span class="tag warn">{alert.condition}</span>}
          <bdi>{readableText(alert.reason, 240)}</bdi>
        </p>
        <AlertMarks alert={alert} nowMs={dashboard.now()} />
        <Exemplars events={evidence.exemplars ?? []} />
      </div>
      <div class="firing-trend">
        <Sparkline values={values} tone="bad" />
        <span class="faint">until it fired</span>
      </div>
      <Value alert={alert} />
      <div class="firing-since">
        <strong title={dateText(alert.startsAt)}>{agoText(alert.startsAt, dashboard.now())}</strong>
        <span class="faint">since {dateText(alert.startsAt).slice(11)}</span>
      </div>
      <div class="firing-actions">
        {incident !== null && alert.acknowledgement === null && (
          <AcknowledgeButton {...{ dashboard, incident }} />
        )}
        <button type="button" class="button small" onClick={() => onSilence(alert)}>
          <Icon name="mute" />
          Silence
        </button>
        <a
          class="button small"
          href={addressOf('alerts', ['rules', alert.rule], { key: alert.key })}
          aria-label={`Why ${keyText(alert.key)} fires`}
        >
          Why
        </a>
        {evidence.query !== undefined && (
          <a
            class="button small"
            href={`#${new URLSearchParams({ q: evidence.query, run: '1' }).toString()}`}
          >
            <Icon name="chart" />
            Chart
          </a>
        )}
      </div>
    </li>
  );
}

function Value({ alert }: { alert: AlertView }): JSX.Element {
  const value = decidingValue(alert);
  const { baseline } = evidenceOf(alert);
  if (value === null) return <div class="firing-value" />;
  return (
    <div class="firing-value">
      <strong>{value.now === null ? '–' : numberText(value.now)}</strong>
      <span class="faint">
        <bdi>{safeText(value.column, 40)}</bdi> · {numberText(value.fired)} when it fired
        {baseline !== null && baseline !== undefined && `, ${valueText(baseline)} expected`}
      </span>
    </div>
  );
}

/** Long enough to look, short enough not to be forgotten. */
const ACKNOWLEDGED_FOR = '1h';

function AcknowledgeButton({
  dashboard,
  incident,
}: {
  dashboard: Dashboard;
  incident: string;
}): JSX.Element {
  const problem = useSignal<string | null>(null);
  const acknowledge = async (): Promise<void> => {
    const body = { incident, for: ACKNOWLEDGED_FOR };
    const answer = await dashboard.api('POST', 'acknowledgements', body);
    problem.value = isGood(answer) ? null : problemSentence(answer);
    await dashboard.firing.refresh();
  };
  return (
    <>
      <button
        type="button"
        class="button small"
        title={`Stops repeats and escalation for ${ACKNOWLEDGED_FOR}`}
        onClick={() => void acknowledge()}
      >
        <Icon name="check" />
        Acknowledge
      </button>
      {problem.value !== null && (
        <span class="notice bad" role="alert">
          {problem.value}
        </span>
      )}
    </>
  );
}
