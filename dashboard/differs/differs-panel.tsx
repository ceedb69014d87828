/**
 * "What differs": which values of which fields set a group, or the time since something changed,
 * apart from the rest. Says of how many events it judges, what it left out and what it does not
 * know; a click asks the query again for one value.
 */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import '../styles/differs.css';
import type { Dashboard } from '../dashboard.ts';
import { clockText, countText, durationText, levelText, numberText, safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { DIFFERENCES_SHOWN_MAX } from '../limits.ts';
import { narrowToValue } from '../narrow-to-group.ts';
import { compareFacets, EVENTS_MIN } from './compare-facets.ts';
import type { Comparison, Difference } from './compare-facets.ts';
import { DifferenceRow } from './difference-row.tsx';
import type { DifferenceWatch, Subject, Watched } from './difference-watch.ts';
import type { FacetSums } from './facet-store.ts';

export interface DiffersPanelProps {
  readonly dashboard: Dashboard;
  readonly differs: DifferenceWatch;
}

type Against = 'earlier' | 'others';

export function DiffersPanel({ dashboard, differs }: DiffersPanelProps): JSX.Element {
  const watched = differs.watched.value;
  const because = differs.because.value;
  const panel = useRef<HTMLElement>(null);
  // It was asked for from elsewhere on the page, and may lie below what is seen.
  useEffect(() => panel.current?.scrollIntoView({ block: 'center' }), []);
  return (
    <section class="card differs" aria-label="What differs" ref={panel}>
      <header class="table-head">
        <h2>What differs</h2>
        {watched !== null && <SubjectChoice {...{ dashboard, differs }} />}
        <button
          type="button"
          class="icon-button differs-close"
          aria-label="Close and stop counting"
          title="Close and stop counting"
          onClick={() => differs.end()}
        >
          <Icon name="close" />
        </button>
      </header>
      {because !== null && <p class="table-empty">{because}</p>}
      {because === null && watched === null && <p class="table-empty">Asking the engine…</p>}
      {watched !== null && <Compared {...{ dashboard, differs, watched }} />}
    </section>
  );
}

function SubjectChoice({ dashboard, differs }: DiffersPanelProps): JSX.Element | null {
  const { explore } = dashboard;
  const { ring } = explore.running.value?.store ?? {};
  void explore.revision.value;
  const groups = (ring?.groupIds() ?? []).filter((id) => id !== '');
  const subject = differs.subject.value;
  if (groups.length === 0) return null;
  return (
    <label class="differs-subject">
      in{' '}
      <select
        value={subject.group ?? ''}
        onChange={(event) => {
          const group = event.currentTarget.value;
          differs.subject.value = { ...subject, group: group === '' ? null : group };
        }}
      >
        <option value="">all groups</option>
        {groups.map((id) => (
          <option key={id} value={id}>
            {safeText(ring?.labelOf(id) ?? id, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What "the last moments" are when no time is chosen. */
const RECENT_MS = 30_000;
/** Earlier times compared with: as long as this, if they are kept. */
const EARLIER_MS = 300_000;

function Compared({
  dashboard,
  differs,
  watched,
}: DiffersPanelProps & { watched: Watched }): JSX.Element {
  const { store, plan } = watched;
  const revision = differs.revision.value;
  const subject = differs.subject.value;
  const chosen = useSignal<Against | null>(null);
  const span = spanOf(subject, store.toMs);
  const hasEarlier = store.fromMs !== null && span !== null && store.fromMs < span.fromMs;
  const against = chosen.value ?? (subject.group === null || hasEarlier ? 'earlier' : 'others');
  const [here, there] = useMemo(
    () => sumsOf(watched, subject, against),
    [revision, subject, against, watched],
  );
  const comparison = useMemo(() => compareFacets(store.facets, here, there), [here, there]);
  useEffect(() => {
    chosen.value = null;
  }, [subject]);
  if (store.problem !== null) return <p class="table-empty">{safeText(store.problem, 300)}</p>;
  return (
    <>
      <p class="differs-span">
        {span === null ? 'Counting…' : spanText(subject, span)}, compared with
        <span class="segmented" role="group" aria-label="Compared with">
          <button
            type="button"
            aria-pressed={against === 'earlier'}
            onClick={() => (chosen.value = 'earlier')}
          >
            earlier
          </button>
          <button
            type="button"
            aria-pressed={against === 'others'}
            disabled={subject.group === null}
            onClick={() => (chosen.value = 'others')}
          >
            the other groups
          </button>
        </span>
      </p>
      <Verdict {...{ here, there, comparison, against }} />
      <ol class="differs-list">
        {comparison.differences.slice(0, DIFFERENCES_SHOWN_MAX).map((difference) => (
          <DifferenceRow
            key={keyOf(difference)}
            difference={difference}
            theirs={against}
            onNarrow={(isOnly) => void narrow(dashboard, subject, difference, isOnly)}
          />
        ))}
      </ol>
      <Fine {...{ here, there, comparison, watched }} />
      <p class="differs-cost">
        Counted where the events are, in windows of {durationText(windowOf(plan.query))}: no event
        is shipped or stored for it. <code title={plan.query}>{safeText(plan.query, 90)}</code>
      </p>
    </>
  );
}

function Verdict({
  here,
  there,
  comparison,
  against,
}: {
  here: FacetSums;
  there: FacetSums;
  comparison: Comparison;
  against: Against;
}): JSX.Element | null {
  if (here.events < EVENTS_MIN || there.events < EVENTS_MIN) {
    const isHere = here.events < EVENTS_MIN;
    const where = isHere ? 'in the choice' : 'in what it is compared with';
    const few = isHere ? here.events : there.events;
    return (
      <p class="differs-verdict" role="status">
        <span class="pulse" /> {countText(few, 'event')} {where} so far; below {EVENTS_MIN} chance
        decides.
        {against === 'earlier' && there.windows === 0 && ' Nothing was counted before this time.'}
      </p>
    );
  }
  if (comparison.differences.length > 0) return null;
  const change = comparison.perSecondHere - comparison.perSecondThere;
  const isEven = Math.abs(change) > 0.1 * comparison.perSecondThere;
  return (
    <p class="differs-verdict" role="status">
      {isEven
        ? 'It changed evenly: no value of any field sets the two apart.'
        : 'No value of any field sets the two apart by more than chance.'}
    </p>
  );
}

function Fine({
  here,
  there,
  comparison,
  watched,
}: {
  here: FacetSums;
  there: FacetSums;
  comparison: Comparison;
  watched: Watched;
}): JSX.Element {
  const { alike, varied, differences, perSecondHere, perSecondThere } = comparison;
  const leftOut = here.leftOut + there.leftOut;
  const sample = Math.min(here.sampleFactor, there.sampleFactor);
  const beyond = differences.length - DIFFERENCES_SHOWN_MAX;
  const notes = [
    `${countText(here.events, 'event')} (${levelText(perSecondHere)}/s) against ` +
      `${countText(there.events, 'event')} (${levelText(perSecondThere)}/s)`,
    alike > 0 ? `${countText(alike, 'other value')} within what chance allows (99.9 %)` : '',
    beyond > 0 ? `${countText(beyond, 'smaller difference')} not listed` : '',
    leftOut > 0 ? `${countText(leftOut, 'window')} left out: parts of them are missing` : '',
    sample < 1 ? `of a sample of ${numberText(sample * 100)} %` : '',
    varied.length > 0
      ? `too many values to compare: ${varied.map((f) => safeText(f, 40)).join(', ')}`
      : '',
    watched.plan.beyond > 0 ? `${countText(watched.plan.beyond, 'more field')} not compared` : '',
    watched.store.untracked > 0 ? `${countText(watched.store.untracked, 'group')} not counted` : '',
  ];
  return <p class="differs-fine">{notes.filter((note) => note !== '').join(' · ')}</p>;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf({ fromMs, toMs }: Subject, keptTo: number | null): Span | null {
  if (keptTo === null) return null;
  const end = toMs ?? keptTo;
  return { fromMs: fromMs ?? end - RECENT_MS, toMs: end };
}

function spanText(subject: Subject, { fromMs, toMs }: Span): string {
  if (subject.fromMs === null) return `The last ${durationText(toMs - fromMs)}`;
  if (subject.toMs === null) return `Since ${clockText(fromMs)}`;
  return `${clockText(fromMs)} to ${clockText(toMs)}`;
}

function sumsOf(
  { store }: Watched,
  subject: Subject,
  against: Against,
): readonly [FacetSums, FacetSums] {
  const span = spanOf(subject, store.toMs) ?? { fromMs: 0, toMs: 0 };
  const groups = subject.group === null ? null : new Set([subject.group]);
  const here = store.sums({ ...span, groups, others: false });
  const there =
    against === 'others'
      ? store.sums({ ...span, groups: groups ?? new Set(), others: true })
      : store.sums({
          ...{ groups, others: false },
          fromMs: span.fromMs - EARLIER_MS,
          toMs: span.fromMs,
        });
  return [here, there];
}

function keyOf(difference: Difference): string {
  const value = difference.kind === 'value' ? String(difference.value) : '';
  return `${difference.field}\n${value}`;
}

async function narrow(
  { explore }: Dashboard,
  { group }: Subject,
  difference: Difference,
  isOnly: boolean,
): Promise<void> {
  if (difference.kind !== 'value') return;
  const { field, value, here, there } = difference;
  const { windowMs = null } = explore.running.peek()?.store.schema ?? {};
  const columns = explore.running.peek()?.store.chartColumns.map(({ name }) => name) ?? [];
  const query = await narrowToValue(explore, { group, field, value }, isOnly);
  if (query === null || !isOnly) return;
  const { whenOfRates } = await import('../alert-threshold.ts');
  const levels = { before: there.perSecond, after: here.perSecond };
  const when = whenOfRates(query, columns, windowMs, levels);
  if (when !== null) explore.threshold.value = { query, when };
}

function windowOf(query: string): number {
  return Number(/\bwindow (\d+)s\b/.exec(query)?.[1] ?? 0) * 1_000;
}
