/** The Alerts screen: its parts, each at an address of its own. */
import type { JSX } from 'preact';
import '../styles/alerts.css';
import '../styles/backtest.css';
import type { Dashboard } from '../dashboard.ts';
import { numberText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { addressOf } from '../router.ts';
import { digitKeys, useKeys } from '../use-keys.ts';
import { Deliveries } from './deliveries.tsx';
import { Firing } from './firing.tsx';
import { History } from './history.tsx';
import { RuleEditor } from './rule-editor.tsx';
import { RuleList } from './rule-list.tsx';
import { RulePage } from './rule-page.tsx';
import { Silences } from './silences.tsx';

const TABS: readonly { readonly path: string; readonly title: string }[] = [
  { path: '', title: 'Firing' },
  { path: 'rules', title: 'Rules' },
  { path: 'silences', title: 'Silences' },
  { path: 'history', title: 'History' },
  { path: 'deliveries', title: 'Deliveries' },
];

const PARTS: readonly string[] = TABS.map((tab) => tab.path);

export function AlertsScreen({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { path, params } = dashboard.router.route.value;
  const [part = '', name, verb] = path;
  const { router } = dashboard;
  const firing = dashboard.firing.value.value?.length ?? 0;
  useKeys({
    ...digitKeys(PARTS, (tab) => router.go('alerts', tab === '' ? [] : [tab])),
    n: () => router.go('alerts', ['new']),
  });
  return (
    <main class="screen alerts" id="main">
      <header class="screen-head">
        <h2>Alerts</h2>
        <span class="top-space" />
        <a class="button primary" href={addressOf('alerts', ['new'])}>
          <Icon name="plus" />
          New rule
        </a>
      </header>
      <nav class="tabs" aria-label="Alerts">
        {TABS.map((tab) => (
          <a
            key={tab.path}
            href={addressOf('alerts', tab.path === '' ? [] : [tab.path])}
            aria-current={isPart(part, tab.path) ? 'page' : undefined}
          >
            {tab.title}
            {tab.path === '' && firing > 0 && <span class="badge count">{numberText(firing)}</span>}
          </a>
        ))}
      </nav>
      <Part
        key={`${part}/${name ?? ''}/${verb ?? ''}`}
        {...{ dashboard, part, name, verb, params }}
      />
    </main>
  );
}

function isPart(part: string, tab: string): boolean {
  return part === tab || (part === 'new' && tab === 'rules');
}

interface PartProps {
  readonly dashboard: Dashboard;
  readonly part: string;
  readonly name: string | undefined;
  readonly verb: string | undefined;
  readonly params: URLSearchParams;
}

function Part({ dashboard, part, name, verb, params }: PartProps): JSX.Element {
  switch (part) {
    case 'rules':
      if (name === undefined) return <RuleList dashboard={dashboard} />;
      return verb === 'edit' ? (
        <RuleEditor dashboard={dashboard} name={name} query={null} when={null} called={null} />
      ) : (
        <RulePage dashboard={dashboard} name={name} chosenKey={params.get('key')} />
      );
    case 'new':
      return (
        <RuleEditor
          dashboard={dashboard}
          name={null}
          query={params.get('q')}
          when={params.get('when')}
          called={params.get('as')}
        />
      );
    case 'silences':
      return <Silences dashboard={dashboard} />;
    case 'history':
      return <History dashboard={dashboard} />;
    case 'deliveries':
      return <Deliveries dashboard={dashboard} />;
    default:
      return <Firing dashboard={dashboard} />;
  }
}
