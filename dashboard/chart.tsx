/**
 * One chart of a result: a value column over time, a line a group, with a read-out that shows the
 * values under the pointer, else the latest. Drawing follows `revision`; nothing here keeps data.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { ResultColumn } from '../src/wire/results.ts';
import { chartModelFrom } from './chart-model.ts';
import type { BandColumns, ChartModel } from './chart-model.ts';
import type { Plot } from './chart-plot.ts';
import type { Drawn, Explore } from './explore.ts';
import { clockText, countText, durationText, numberText, safeText } from './format.ts';
import { pastLine } from './kept-past.ts';
import { narrowToGroup } from './narrow-to-group.ts';
import type { PlotMark, TimeSpan } from './plot-overlays.ts';
import type { ResultStore } from './result-store.ts';
import { themeRevision } from './theme.ts';
import { slideOf, viewOf } from './time-view.ts';
import { timeZone } from './time-zone.ts';
import { ValueMark } from './value-mark.tsx';

export interface ChartProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly column: ResultColumn;
  /** Which of the store's plot columns. */
  readonly index: number;
  /** Of several charts the first says what is true of all. */
  readonly isFirst: boolean;
  readonly band: BandColumns | null;
  readonly marks: readonly PlotMark[];
  readonly groups: readonly string[];
  readonly height: number;
}

export function Chart(props: ChartProps): JSX.Element {
  const { explore, store, revision, column, groups, height, isFirst } = props;
  const box = useRef<HTMLDivElement>(null);
  const hovered = useSignal<number | null>(null);
  // The pointer moves more often than anything changes.
  const model = useMemo(() => modelOf(props), [store, column.name, ...shownBy(props)]);
  /** Counts plots that were made for this chart. */
  const drawn = useSignal(0);
  const onHover = (at: number | null): void => {
    hovered.value = at;
  };
  const plot = usePlot(props, box, onHover, drawn);
  useDrawing(props, plot, model, drawn.value);
  const focused = explore.focusedGroup.value;
  useEffect(() => {
    const line = focused === null ? -1 : groups.indexOf(focused);
    plot.current?.focus(line < 0 ? null : line);
  }, [focused, groups.join('\n')]);

  const at = hovered.value === null ? null : Math.min(hovered.value, model.chart.xs.length - 1);
  const single = groups.length === 1 && groups[0] === '';
  const unit = column.unit === undefined ? '' : ` ${column.unit}`;
  return (
    <figure
      class="chart"
      data-column={safeText(column.name)}
      data-past={String(model.chart.past.some((points) => points !== null))}
    >
      <figcaption class="chart-head">
        <span class="chart-title" title={safeText(column.name)}>
          <bdi>{safeText(column.name, 60)}</bdi>
          <ValueMark completeness={store.completeness} column={column.name} />
        </span>
        {single && (
          <span class="chart-value">
            {valueAt(model.chart, 0, at)}
            <small>{unit}</small>
            <Earlier {...{ explore, at }} chart={model.chart} line={0} />
          </span>
        )}
        <span class="chart-time">
          {at === null ? '' : clockText((model.chart.xs[at] ?? 0) * 1_000)}
        </span>
      </figcaption>
      <div
        class="chart-box"
        ref={box}
        style={{ minHeight: `${height}px` }}
        role="img"
        aria-label={`Chart of ${safeText(column.name)}`}
      />
      {!single && <Legend {...props} chart={model.chart} at={at} />}
      {isFirst && <Beyond store={store} drawn={groups.length} revision={revision} />}
    </figure>
  );
}

/** What a chart's model is made of. */
function shownBy({ explore, revision, groups, band }: ChartProps): readonly unknown[] {
  return [
    revision,
    explore.spanMs.value,
    explore.view.value,
    explore.earlierMs.value,
    explore.past.value,
    band,
    lineKey(explore, groups),
  ];
}

/** Draws when data, view or look changed; `made` counts the plots that were made. */
function useDrawing(
  props: ChartProps,
  plot: { readonly current: Plot | null },
  model: ReturnType<typeof modelOf>,
  made: number,
): void {
  const { explore, height, marks } = props;
  // In the frame that shows the numbers beside it, and not in one of its own after that.
  useLayoutEffect(
    () =>
      plot.current?.update({
        model: model.chart,
        view: model.view,
        marks,
        selection: explore.selection.value,
      }),
    [
      ...shownBy(props),
      explore.selection.value,
      marks,
      themeRevision.value,
      height,
      made,
      timeZone.value,
    ],
  );
}

interface LegendProps extends ChartProps {
  readonly chart: ChartModel;
  /** Index that the pointer is on; null: on none. */
  readonly at: number | null;
}

function Legend({ explore, store, groups, chart, at }: LegendProps): JSX.Element {
  return (
    <ul class="legend">
      {groups.map((group, line) => (
        <li
          key={group}
          class="legend-item"
          onPointerEnter={() => (explore.focusedGroup.value = group)}
          onPointerLeave={() => (explore.focusedGroup.value = null)}
        >
          <i class={`swatch series-${(explore.colours.value.get(group) ?? 0) + 1}`} />
          <button
            type="button"
            class="legend-label"
            title={`Only ${store.ring.labelOf(group)}`}
            onClick={() => void narrowToGroup(explore, group)}
          >
            <bdi>{store.ring.labelOf(group)}</bdi>
          </button>
          <span class="legend-value">
            {valueAt(chart, line, at)}
            <Earlier {...{ explore, chart, line, at }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

interface EarlierProps {
  readonly explore: Explore;
  readonly chart: ChartModel;
  readonly line: number;
  readonly at: number | null;
}

/** The value of the time that is compared with, where one was kept. */
function Earlier({ explore, chart, line, at }: EarlierProps): JSX.Element | null {
  const earlierMs = explore.earlierMs.value;
  if (earlierMs === null) return null;
  const values = chart.around[line]?.earlier ?? [];
  const value = values[at ?? values.length - 1] ?? Number.NaN;
  const title = `${durationText(earlierMs)} earlier`;
  return (
    <small class="earlier" title={title}>
      {' '}
      was {numberText(value)}
    </small>
  );
}

function Beyond({
  store,
  drawn,
}: { store: ResultStore; drawn: number } & Drawn): JSX.Element | null {
  const rows = store.newest?.rows.length ?? 0;
  const beyond = Math.max(0, Math.max(rows, store.ring.groupIds().length) - drawn);
  if (beyond === 0 || drawn === 0) return null;
  return <p class="chart-note">{countText(beyond, 'more group')} not drawn.</p>;
}

function modelOf({ explore, store, column, index, groups, band }: ChartProps): {
  chart: ChartModel;
  view: TimeSpan;
} {
  const view = viewOf({
    store,
    engineNowMs: explore.engineNow(store),
    spanMs: explore.spanMs.value,
    fixed: explore.view.value,
    hasPast: explore.past.value !== null,
  });
  const slideMs = slideOf(store);
  const request = {
    ...{ column: index, groups, slideMs, band, nowMs: view.nowMs },
    fromMs: view.fromMs - (slideMs ?? 1_000),
    earlierMs: explore.earlierMs.value,
    pastOf: (group: string) => pastLine(explore.past.value, group, column.name),
  };
  return { chart: chartModelFrom(store.ring, request), view };
}

/** Changes when the chart's lines or their colours do. */
function lineKey(explore: Explore, groups: readonly string[]): string {
  return groups.map((group) => `${explore.colours.value.get(group) ?? 0} ${group}`).join('\n');
}

/** The value under the pointer, else the newest there is. */
function valueAt(chart: ChartModel, line: number, at: number | null): string {
  const final = chart.finals[line];
  if (at !== null) {
    const value = final?.[at] ?? Number.NaN;
    const provisional = chart.provisionals[line]?.[at] ?? Number.NaN;
    return numberText(Number.isNaN(value) ? provisional : value);
  }
  for (let i = chart.xs.length - 1; i >= Math.max(0, chart.xs.length - 3); i--) {
    const value = final?.[i] ?? Number.NaN;
    if (!Number.isNaN(value)) return numberText(value);
  }
  return '–';
}

function usePlot(
  { explore, groups, height, band }: ChartProps,
  box: { current: HTMLDivElement | null },
  onHover: (index: number | null) => void,
  drawn: Signal<number>,
): { current: Plot | null } {
  const plot = useRef<Plot | null>(null);
  const theme = themeRevision.value;
  const colours = groups.map((group) => explore.colours.value.get(group) ?? 0);
  useEffect(() => {
    const parent = box.current;
    if (parent === null) return undefined;
    const width = Math.max(120, parent.clientWidth);
    const filled = groups.length === 1 && band === null;
    const onSelect = (span: TimeSpan | null): void => {
      explore.selection.value = span;
    };
    let gone = false;
    // The plot's code comes after the page's own.
    void import('./chart-plot.ts').then(({ createPlot }) => {
      if (gone) return undefined;
      plot.current = createPlot({ parent, width, height, colours, filled, onHover, onSelect });
      drawn.value++;
      return undefined;
    });
    const resizing = new ResizeObserver(() =>
      plot.current?.resize(Math.max(120, parent.clientWidth), height),
    );
    resizing.observe(parent);
    return () => {
      gone = true;
      resizing.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [theme, height, lineKey(explore, groups), band === null]);
  return plot;
}
