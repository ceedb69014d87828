/** How the running query is carried out, stage by stage from the agents on, with live rates. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Dashboard } from './dashboard.ts';
import { planFrom } from './explain-plan.ts';
import type { PlanStage } from './explain-plan.ts';
import { bytesText, numberText } from './format.ts';

export interface ExplainPanelProps {
  readonly dashboard: Dashboard;
  /** The query that runs. */
  readonly query: string;
}

export function ExplainPanel({ dashboard, query }: ExplainPanelProps): JSX.Element {
  const asking = useMemo(() => dashboard.newExplore(''), [dashboard]);
  useEffect(() => {
    asking.run(`EXPLAIN ANALYZE ${query.replace(/^\s*explain\s+(?:analyze\s+)?/i, '')}`);
    return () => asking.stop();
  }, [query]);
  // Results change in place; the revision says when.
  void asking.revision.value;
  const store = asking.running.value?.store ?? null;
  const plan = planFrom(store?.newest?.rows ?? []);
  return (
    <section class="card explain" aria-label="How the query runs">
      <header class="table-head">
        <h2>How it runs</h2>
        <span>{plan.facts[1] ?? ''}</span>
      </header>
      {store?.problem != null && <p class="table-empty">{store.problem.detail}</p>}
      {store?.problem == null && plan.stages.length === 0 && (
        <p class="table-empty">Asking the engine…</p>
      )}
      <ol class="stages">
        {plan.stages.map((stage) => (
          <Stage key={stage.name} stage={stage} />
        ))}
      </ol>
      {plan.facts.length > 2 && <p class="explain-facts">{plan.facts.slice(2).join(' · ')}</p>}
    </section>
  );
}

function Stage({ stage }: { stage: PlanStage }): JSX.Element {
  const { name, lines, note, bytes } = stage;
  return (
    <li class="stage">
      <h3>{name}</h3>
      <dl class="stage-rates">
        <Rate name="in" perSecond={stage.inPerSecond} total={stage.in} />
        <Rate name="out" perSecond={stage.outPerSecond} total={stage.out} />
        {bytes !== null && (
          <div>
            <dt>bytes</dt>
            <dd>{bytesText(bytes)}</dd>
          </div>
        )}
      </dl>
      <ul class="stage-lines mono">
        {lines.map((line, index) => (
          <li key={index}>
            <bdi>{line}</bdi>
          </li>
        ))}
      </ul>
      {note !== '' && <p class="stage-note">{note}</p>}
    </li>
  );
}

function Rate({
  name,
  perSecond,
  total,
}: {
  name: string;
  perSecond: number | null;
  total: number | null;
}): JSX.Element {
  return (
    <div title={total === null ? '' : `${numberText(total)} in all`}>
      <dt>{name}</dt>
      <dd>{perSecond === null ? '–' : `${numberText(Math.round(perSecond))}/s`}</dd>
    </div>
  );
}
