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
      <Stages stages={plan.stages} />
      {plan.facts.length > 2 && <p class="explain-facts">{plan.facts.slice(2).join(' · ')}</p>}
    </section>
  );
}

function Stages({ stages }: { stages: readonly PlanStage[] }): JSX.Element {
  return (
    <ol class="stages">
      {stages.map((stage, index) => (
        <Stage
          key={stage.name}
          stage={stage}
          before={stages[index - 1] ?? null}
          isFirst={index === 1}
        />
      ))}
      {stages.length > 0 && (
        <li class="stage-end">
          <Pipe perSecond={stages.at(-1)?.outPerSecond ?? null} what="rows" />
          <strong>this page</strong>
        </li>
      )}
    </ol>
  );
}

interface StageProps {
  readonly stage: PlanStage;
  /** Null: the stage is where events happen. */
  readonly before: PlanStage | null;
  /** Whether its events come over the network, whose bytes are counted. */
  readonly isFirst: boolean;
}

function Stage({ stage, before, isFirst }: StageProps): JSX.Element {
  const { name, lines, note, bytes, inPerSecond, outPerSecond } = stage;
  return (
    <li class="stage">
      {before !== null && (
        <Pipe perSecond={inPerSecond} what="in" bytes={isFirst ? before.bytes : null} />
      )}
      <div class="stage-box">
        <h3>{name}</h3>
        <dl class="stage-rates">
          <Rate name="in" perSecond={inPerSecond} total={stage.in} />
          <Rate name="out" perSecond={outPerSecond} total={stage.out} />
          {bytes !== null && (
            <div>
              <dt>bytes</dt>
              <dd>{bytesText(bytes)}</dd>
            </div>
          )}
        </dl>
        <Passing inPerSecond={inPerSecond} outPerSecond={outPerSecond} />
        <ol class="operators">
          {lines.map((line, index) => (
            <Operator key={index} line={line} />
          ))}
        </ol>
        {note !== '' && <p class="stage-note">{note}</p>}
      </div>
    </li>
  );
}

/** What it does and to what: `filter` and `(region = 'eu-west')`. */
function Operator({ line }: { line: string }): JSX.Element {
  const at = line.indexOf(': ');
  return (
    <li>
      {at > 0 && <span class="operator-name">{line.slice(0, at)}</span>}
      <bdi class="mono">{at > 0 ? line.slice(at + 2) : line}</bdi>
    </li>
  );
}

/** Of what comes in, the part that goes on. */
function Passing({
  inPerSecond,
  outPerSecond,
}: Pick<PlanStage, 'inPerSecond' | 'outPerSecond'>): JSX.Element | null {
  if (inPerSecond === null || outPerSecond === null || inPerSecond <= 0) return null;
  const part = Math.min(1, outPerSecond / inPerSecond);
  return (
    <div class="passing" title={`${Math.round(part * 100)} % goes on`}>
      <i style={{ width: `${part * 100}%` }} />
    </div>
  );
}

interface PipeProps {
  readonly perSecond: number | null;
  readonly what: 'in' | 'rows';
  readonly bytes?: number | null;
}

/** As thick as what flows is much: each tenfold as much again. */
function Pipe({ perSecond, what, bytes = null }: PipeProps): JSX.Element {
  const width = perSecond === null || perSecond <= 0 ? 1 : 2 + Math.log10(1 + perSecond) * 3;
  return (
    <div class={perSecond === null || perSecond <= 0 ? 'pipe still' : 'pipe'}>
      <i style={{ '--thick': `${width.toFixed(1)}px` }} />
      <span>
        {perSecond === null
          ? '–'
          : `${numberText(Math.round(perSecond))}${what === 'in' ? '/s' : ' rows/s'}`}
        {bytes !== null && <small>{bytesText(bytes)} so far</small>}
      </span>
    </div>
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
