/** What became of alerts: every change of state, newest first. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Dashboard } from '../dashboard.ts';
import { dateText, readableText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { addressOf } from '../router.ts';
import { keyText } from './alert-words.ts';
import { SeverityTag, StateTag } from './severity-tag.tsx';
import { useHistory } from './transitions.ts';

export function History({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const history = useHistory(dashboard.api, null);
  const search = useSignal('');
  const wanted = search.value.trim().toLowerCase();
  const all = history.value.value;
  const list =
    all?.filter(({ rule, key }) => `${rule} ${key}`.toLowerCase().includes(wanted)) ?? null;
  return (
    <>
      <div class="list-tools">
        <input
          class="field-box search-box"
          type="search"
          aria-label="Find a rule or key"
          placeholder="Find a rule or key"
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
        {all !== null && all.length >= LIST_SHOWN_MAX && (
          <p class="faint">The newest {LIST_SHOWN_MAX} changes.</p>
        )}
      </div>
      <ListFrame
        list={list}
        failure={history.failure.value}
        columns={['When', 'Rule', 'Key', 'Change', 'Severity', 'Why']}
        empty={{
          title: wanted === '' ? 'Nothing happened yet' : 'Nothing by that name',
          text: 'Every change of an alert from one state to another is kept here.',
        }}
        row={(transition) => (
          <tr key={transition.id}>
            <td class="nowrap">{dateText(transition.atMs)}</td>
            <td class="cut">
              <a class="link" href={addressOf('alerts', ['rules', transition.rule])}>
                <bdi>{safeText(transition.rule)}</bdi>
              </a>
            </td>
            <td class="cut">
              <bdi>{keyText(transition.key)}</bdi>
              {transition.condition !== 'threshold' && (
                <span class="tag warn">{transition.condition}</span>
              )}
            </td>
            <td class="nowrap">
              <StateTag state={transition.from} /> → <StateTag state={transition.to} />
            </td>
            <td>
              <SeverityTag severity={transition.severity} />
            </td>
            <td class="cut" title={safeText(transition.reason, 400)}>
              <bdi>{readableText(transition.reason, 200)}</bdi>
            </td>
          </tr>
        )}
      />
    </>
  );
}
