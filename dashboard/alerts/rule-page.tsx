/** One rule: what it says and of what, why, what it said before, and its text. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { KeyView, RuleDetail } from '../../src/alert/alert-views.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Dashboard } from '../dashboard.ts';
import { agoText, countText, dateText, numberText, safeLines, safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { ALERTS_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { addressOf } from '../router.ts';
import { keyText, rowText } from './alert-words.ts';
import { RuleWhy } from './rule-why.tsx';
import { HealthTag, SeverityTag, StateTag } from './severity-tag.tsx';
import { Sparkline } from './sparkline.tsx';
import { StateTimeline } from './state-timeline.tsx';
import { useHistory } from './transitions.ts';

export interface RulePageProps {
  readonly dashboard: Dashboard;
  readonly name: string;
  /** Of the alert that is explained; null: the worst one. */
  readonly chosenKey: string | null;
}

/** What the engine calls where rules stand that are no file's. */
const RULES_OF_THE_API = 'api';

/** Lines of a rule's text that are shown. */
const RULE_LINES_MAX = 400;

const LATELY_MS = 3_600_000;

export function RulePage({ dashboard, name, chosenKey }: RulePageProps): JSX.Element {
  const { api } = dashboard;
  const path = `rules/${encodeURIComponent(name)}`;
  const detail = usePolled({ api, path, read: ruleFrom, everyMs: SCREEN_POLL_MS });
  const rule = detail.value.value;
  if (rule === null) return <NoRule name={name} failure={detail.failure.value} />;
  const keys = rule.keys.slice(0, ALERTS_SHOWN_MAX);
  const chosen = keys.find(({ key }) => key === chosenKey) ?? keys[0];
  return (
    <>
      <RuleHead {...{ dashboard, rule }} />
      {detail.failure.value !== null && <p class="notice warn">{detail.failure.value}</p>}
      {rule.trouble !== null && (
        <p class="notice warn" role="status">
          <strong>It cannot tell now:</strong> <bdi>{safeText(rule.trouble, 400)}</bdi>
        </p>
      )}
      <Lately {...{ dashboard, rule }} />
      <div class="rule-grid">
        <section class="rule-keys" aria-label="Alerts of the rule">
          <Keys {...{ rule, keys, chosen }} />
        </section>
        {chosen !== undefined && (
          <RuleWhy key={chosen.key} api={api} rule={name} alertKey={chosen.key} />
        )}
      </div>
      <section class="card rule-text" aria-label="Text of the rule">
        <header class="table-head">
          <h2>Rule</h2>
          <span>
            version {rule.version}, {dateText(rule.updatedAt)} by {safeText(rule.author, 60)}
          </span>
        </header>
        <pre class="mono" tabIndex={0}>
          {safeLines(rule.text, RULE_LINES_MAX)}
        </pre>
      </section>
    </>
  );
}

function NoRule({ name, failure }: { name: string; failure: string | null }): JSX.Element {
  if (failure === null) return <div class="loading" role="status" aria-label="Loading" />;
  return (
    <div class="card empty" role="alert">
      <p class="empty-title">No rule “{safeText(name, 80)}”</p>
      <p>{failure}</p>
      <a class="button" href={addressOf('alerts', ['rules'])}>
        All rules
      </a>
    </div>
  );
}

function RuleHead({ dashboard, rule }: { dashboard: Dashboard; rule: RuleDetail }): JSX.Element {
  const isOurs = rule.origin === RULES_OF_THE_API;
  return (
    <header class="rule-head">
      <StateTag state={rule.state} />
      <h3>
        <bdi>{safeText(rule.name)}</bdi>
      </h3>
      <SeverityTag severity={rule.severity} />
      <HealthTag health={rule.health} />
      {rule.owner !== null && <span class="faint">owner {safeText(rule.owner, 60)}</span>}
      <span class="top-space" />
      <a
        class="button"
        href={`#${new URLSearchParams({ q: rule.query.trim(), run: '1' }).toString()}`}
      >
        <Icon name="chart" />
        Chart
      </a>
      <a class="button" href={addressOf('alerts', ['rules', rule.name, 'edit'])}>
        {isOurs ? 'Edit' : 'Copy and edit'}
      </a>
      {isOurs && <DeleteButton {...{ dashboard, rule }} />}
    </header>
  );
}

function DeleteButton({
  dashboard,
  rule,
}: {
  dashboard: Dashboard;
  rule: RuleDetail;
}): JSX.Element {
  const sure = useSignal(false);
  const refused = useSignal<string | null>(null);
  const remove = async (): Promise<void> => {
    if (!sure.value) {
      sure.value = true;
      return;
    }
    const path = `rules/${encodeURIComponent(rule.name)}`;
    const headers = { 'if-match': `"${rule.version}"` };
    const answer = await dashboard.api('DELETE', path, undefined, headers);
    if (isGood(answer)) dashboard.router.go('alerts', ['rules']);
    else refused.value = problemSentence(answer);
  };
  return (
    <>
      <button type="button" class="button danger" onClick={() => void remove()}>
        {sure.value ? 'Really delete' : 'Delete'}
      </button>
      {refused.value !== null && (
        <span class="notice bad" role="alert">
          {refused.value}
        </span>
      )}
    </>
  );
}

function Lately({ dashboard, rule }: { dashboard: Dashboard; rule: RuleDetail }): JSX.Element {
  const { api, now } = dashboard;
  const history = useHistory(api, rule.name);
  return (
    <section class="card lately" aria-label="Last hour">
      <StateTimeline
        transitions={history.value.value ?? []}
        fromMs={now() - LATELY_MS}
        toMs={now()}
        height={18}
      />
      <p class="lately-ends">
        <span>an hour ago</span>
        <span>
          {countText(rule.alerts.firing, 'alert')} firing, {rule.alerts.pending} pending of{' '}
          {rule.alerts.watched} watched
          {rule.evaluatedThrough !== null &&
            ` · evaluated ${agoText(rule.evaluatedThrough, now())} ago`}
        </span>
        <span>now</span>
      </p>
    </section>
  );
}

function Keys({
  rule,
  keys,
  chosen,
}: {
  rule: RuleDetail;
  keys: readonly KeyView[];
  chosen: KeyView | undefined;
}): JSX.Element {
  return (
    <ListFrame
      list={keys}
      failure={null}
      columns={['State', 'Key', 'Newest window', 'Trend', '']}
      empty={{
        title: 'No rows yet',
        text: 'The query has not given a row. The first window that closes tells more.',
      }}
      row={({ key, state, values, trail }) => (
        <tr key={key} class={key === chosen?.key ? 'chosen' : ''}>
          <td>
            <StateTag state={state} />
          </td>
          <td class="cut">
            <bdi>{keyText(key)}</bdi>
          </td>
          <td class="cut">{rowText(values) || lastText(trail)}</td>
          <td>
            <Sparkline values={trail} tone={state === 'firing' ? 'bad' : 'calm'} />
          </td>
          <td class="actions">
            <a
              class="button small"
              href={addressOf('alerts', ['rules', rule.name], { key })}
              aria-label={`Why ${keyText(key)} does or does not fire`}
            >
              Why
            </a>
          </td>
        </tr>
      )}
    />
  );
}

/** Of a key that the newest window has no row of, what its values ended with. */
function lastText(trail: KeyView['trail']): string {
  const last = trail.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : numberText(last);
}

/** Firing first, so that the first key is the one to explain. */
function ruleFrom(body: unknown): RuleDetail {
  const rule = body as RuleDetail;
  const order = ['firing', 'recovering', 'pending', 'ok'];
  const keys = rule.keys.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return { ...rule, keys };
}
