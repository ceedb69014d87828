/** The answer as charts: one choice of groups and colours for all of them, shown as was chosen. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Chart } from './chart.tsx';
import type { BandPlan } from './chart-bands.ts';
import { chooseGroups } from './chart-model.ts';
import { displayFor, displaysFor } from './display.ts';
import type { Display } from './display.ts';
import type { Drawn, Explore } from './explore.ts';
import type { HeatMapProps } from './heat-map.tsx';
import { lazyComponent } from './lazy-component.tsx';
import { LINES_MAX } from './limits.ts';
import { noticedSteps } from './noticed.ts';
import type { PlotMark } from './plot-overlays.ts';
import type { ResultStore } from './result-store.ts';
import type { StatsProps } from './stats.tsx';
import type { TopListProps } from './top-list.tsx';

const HeatMap = lazyComponent<HeatMapProps>(async () => (await import('./heat-map.tsx')).HeatMap);
const TopList = lazyComponent<TopListProps>(async () => (await import('./top-list.tsx')).TopList);
const Stats = lazyComponent<StatsProps>(async () => (await import('./stats.tsx')).Stats);

export interface ChartsProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly marks: readonly PlotMark[];
  /** Nothing is looked for in the lines, as nobody is told of it. */
  readonly plain?: boolean;
  /** The column that is shown; absent: all that have numbers. */
  readonly only?: string;
  /** Pixels of each; absent: as many as suit their number. */
  readonly height?: number;
}

/** Charts stand side by side when there are several. */
const HEIGHT_ALONE = 260;
const HEIGHT_BESIDE = 190;

export function Charts(props: ChartsProps): JSX.Element | null {
  const { explore, store, revision } = props;
  const groups = useGroups(explore, store);
  const bands = useBands(explore, store);
  useNoticed(explore, store, props.plain === true ? NO_GROUPS : groups);
  const display = shownDisplay(explore, store);
  const columns = store.chartColumns.filter(
    ({ name }, index) =>
      !bands.value.hidden.has(index) && (props.only === undefined || props.only === name),
  );
  if (display === 'table' || store.ring.length === 0) return null;
  if (display === 'heat') return <HeatMap {...{ explore, store, revision }} />;
  if (columns.length === 0 || groups.length === 0) return null;
  if (display === 'bars') return <TopList {...{ explore, store, revision }} />;
  if (display === 'stat') return <Stats {...{ explore, store, revision, groups, columns }} />;
  const height = props.height ?? (columns.length === 1 ? HEIGHT_ALONE : HEIGHT_BESIDE);
  const indexOf = (name: string): number =>
    store.plotColumns.findIndex((column) => column.name === name);
  return (
    <section class={`card charts charts-${columns.length}`} aria-label="Charts">
      {columns.map((column, place) => (
        <Chart
          key={column.name}
          {...props}
          {...{ column, groups, height }}
          index={indexOf(column.name)}
          isFirst={place === 0}
          band={bands.value.bands.get(indexOf(column.name)) ?? null}
        />
      ))}
    </section>
  );
}

export function shownDisplay(explore: Explore, store: ResultStore): Display {
  const chosen = explore.display.value;
  if (chosen !== null && displaysFor(store).includes(chosen)) return chosen;
  return displayFor(store, explore.running.value?.query ?? '');
}

const NO_GROUPS: readonly string[] = [];

/** A colour means one group in all charts of a result. */
function useGroups(explore: Explore, store: ResultStore): readonly string[] {
  const colours = explore.colours.value;
  const groups = store.isSeries ? chooseGroups(store.ring, 0, [...colours.keys()], LINES_MAX) : [];
  useEffect(() => {
    const known = explore.colours.peek();
    if (groups.length === known.size && groups.every((group) => known.has(group))) return;
    const kept = groups.filter((group) => known.has(group));
    const taken = new Set(kept.map((group) => known.get(group)));
    const free = Array.from({ length: LINES_MAX }, (_, i) => i).filter((i) => !taken.has(i));
    explore.colours.value = new Map(
      groups.map((group) => [group, known.get(group) ?? free.shift() ?? 0]),
    );
  });
  return groups;
}

const NO_BANDS: BandPlan = { bands: new Map(), hidden: new Set() };

/** The grammar says which columns lie around which; until it has come, each has its own chart. */
function useBands(explore: Explore, store: ResultStore): Signal<BandPlan> {
  const plan = useSignal(NO_BANDS);
  const query = explore.running.value?.query ?? '';
  const names = store.plotColumns.map(({ name }) => name);
  const isWorth = names.length > 1;
  useEffect(() => {
    plan.value = NO_BANDS;
    if (!isWorth) return undefined;
    let gone = false;
    void import('./chart-bands.ts').then(({ bandPlan }) => {
      if (!gone) plan.value = bandPlan(query, names);
      return undefined;
    });
    return () => {
      gone = true;
    };
  }, [query, names.join('\n')]);
  return plan;
}

/** Looks for steps when a window came, not with every drawing. */
function useNoticed(explore: Explore, store: ResultStore, groups: readonly string[]): void {
  const { ring } = store;
  const newest = ring.length === 0 ? 0 : ring.at(ring.length - 1).end;
  useEffect(() => {
    explore.noticed.value = noticedSteps(store, groups);
  }, [store, newest, groups.join('\n')]);
}
