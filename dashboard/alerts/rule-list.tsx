/** Every rule: what it says, and beside it whether it can tell; with what it said lately. */
import type { JSX } from 'preact';
import type { RuleView } from '../../src/alert/alert-views.ts';
import type { AlertTransition } from '../../src/alert/transition.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { agoText, countText, numberText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { addressOf } from '../router.ts';
import { severityRank } from './alert-words.ts';
import { HealthTag, SeverityTag, StateTag } from './severity-tag.tsx';
import { StateTimeline } from './state-timeline.tsx';
import { useHistory } from './transitions.ts';

/** What the strips show. */
const LATELY_MS = 3_600_000;

export function RuleList({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api, now } = dashboard;
  const rules = usePolled({ api, path: 'rules', read: rulesFrom, everyMs: SCREEN_POLL_MS });
  const history = useHistory(api, null);
  const transitions = history.value.value ?? [];
  const read = rules.value.value;
  return (
    <>
      {read !== null && read.mistakes > 0 && (
        <p class="notice bad" role="alert">
          <strong>The rule files have {countText(read.mistakes, 'mistake')}.</strong> The rules of
          before stay in force. <code>squilla rules check</code> says where.
        </p>
      )}
      <ListFrame
        list={read?.rules ?? null}
        failure={rules.failure.value}
        columns={[
          'Rule',
          'Says',
          'Can it tell?',
          'Severity',
          'Last hour',
          '#Firing',
          '#Watched',
          '#Evaluated',
          'From',
        ]}
        empty={{
          title: 'No rules yet',
          text: (
            <>
              A rule is a query and a condition.{' '}
              <a class="link" href={addressOf('alerts', ['new'])}>
                Write the first
              </a>
              , or start the engine with <code>--rules DIRECTORY</code>.
            </>
          ),
        }}
        row={(rule) => <RuleRow key={rule.name} {...{ rule, transitions }} nowMs={now()} />}
      />
    </>
  );
}

function RuleRow({
  rule,
  transitions,
  nowMs,
}: {
  rule: RuleView;
  transitions: readonly AlertTransition[];
  nowMs: number;
}): JSX.Element {
  return (
    <tr>
      <td class="cut">
        <a class="link strong" href={addressOf('alerts', ['rules', rule.name])}>
          <bdi>{safeText(rule.name)}</bdi>
        </a>
        {rule.owner !== null && <span class="faint"> · {safeText(rule.owner, 40)}</span>}
      </td>
      <td>
        <StateTag state={rule.state} />
      </td>
      <td title={safeText(rule.trouble ?? '', 300)}>
        <HealthTag health={rule.health} />
      </td>
      <td>
        <SeverityTag severity={rule.severity} />
      </td>
      <td class="strip">
        <StateTimeline
          transitions={transitions.filter((one) => one.rule === rule.name)}
          fromMs={nowMs - LATELY_MS}
          toMs={nowMs}
        />
      </td>
      <td class="number">{numberText(rule.alerts.firing)}</td>
      <td class="number">{numberText(rule.alerts.watched)}</td>
      <td class="number faint">
        {rule.evaluatedThrough === null
          ? 'not yet'
          : `${agoText(rule.evaluatedThrough, nowMs)} ago`}
      </td>
      <td class="cut faint" title={safeText(rule.origin, 200)}>
        <bdi>{safeText(rule.origin, 60)}</bdi>
      </td>
    </tr>
  );
}

interface RulesRead {
  readonly rules: readonly RuleView[];
  /** Of the rule files as they are now. */
  readonly mistakes: number;
}

/** Those that fire first, then those that cannot tell, then by name. */
function rulesFrom(body: unknown): RulesRead {
  const rules = (listOf(body, 'rules') as readonly RuleView[])
    .toSorted((a, b) => urgency(a) - urgency(b) || (a.name < b.name ? -1 : 1))
    .slice(0, LIST_SHOWN_MAX);
  const mistakes = listOf(recordFrom(body)['files'], 'mistakes').length;
  return { rules, mistakes };
}

function urgency({ state, health, severity }: RuleView): number {
  if (state === 'firing') return severityRank(severity);
  if (state === 'pending') return 10;
  return health === 'ok' ? 30 : 20;
}
