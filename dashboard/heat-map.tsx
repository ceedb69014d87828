/** A heat map on a canvas, with a read-out of the cell under the pointer. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Drawn, Explore } from './explore.ts';
import { clockText, countText, numberText, safeText } from './format.ts';
import { heatModelFrom } from './heat-model.ts';
import type { HeatModel } from './heat-model.ts';
import type { TimeSpan } from './plot-overlays.ts';
import type { ResultStore } from './result-store.ts';
import { themeRevision, tokenValue } from './theme.ts';
import { viewOf } from './time-view.ts';

export interface HeatMapProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
}

const ROW_MIN = 9;
const ROW_MAX = 22;
const HEIGHT = 300;

export function HeatMap({ explore, store, revision }: HeatMapProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const under = useSignal<{ readonly row: number; readonly window: number } | null>(null);
  const view = viewOf({
    store,
    engineNowMs: explore.engineNow(store),
    spanMs: explore.spanMs.value,
    fixed: explore.view.value,
  });
  const model = heatModelFrom(store, view);
  const rows = Math.max(1, model.labels.length);
  const rowHeight = Math.max(ROW_MIN, Math.min(ROW_MAX, HEIGHT / rows));
  const width = useSignal(0);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const resizing = new ResizeObserver(() => (width.value = element.clientWidth));
    resizing.observe(element);
    return () => resizing.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, model, view, rowHeight);
  }, [revision, explore.spanMs.value, explore.view.value, themeRevision.value, width.value, rows]);
  const cell = under.value === null ? null : readOut(model, under.value);
  return (
    <section class="card heat" aria-label="Heat map">
      <header class="chart-head">
        <span class="chart-title">
          <bdi>{safeText(store.heatColumn ?? store.chartColumns[0]?.name ?? '', 60)}</bdi>
        </span>
        <span class="chart-time">{cell ?? `at most ${numberText(model.max)}`}</span>
      </header>
      <div class="heat-body">
        <ul class="heat-labels" style={{ gridAutoRows: `${rowHeight}px` }}>
          {model.labels.map((label, row) => (
            <li key={label} class={under.value?.row === row ? 'now' : ''}>
              <bdi>{isNamed(row, rowHeight) ? label : ''}</bdi>
            </li>
          ))}
        </ul>
        <canvas
          ref={canvas}
          role="img"
          aria-label="Heat map over time"
          style={{ height: `${rows * rowHeight}px` }}
          onPointerMove={(event) => {
            const { left, top, width: wide } = event.currentTarget.getBoundingClientRect();
            const at = view.fromMs + ((event.clientX - left) / wide) * (view.toMs - view.fromMs);
            const window = model.spans.findIndex(({ fromMs, toMs }) => fromMs <= at && at < toMs);
            const row = Math.floor((event.clientY - top) / rowHeight);
            under.value = window < 0 || row >= model.labels.length ? null : { row, window };
          }}
          onPointerLeave={() => (under.value = null)}
        />
      </div>
      <p class="heat-times">
        <span>{clockText(view.fromMs)}</span>
        <span>{clockText(view.toMs)}</span>
      </p>
      {model.beyond > 0 && (
        <p class="chart-note">{countText(model.beyond, 'more row')} not drawn.</p>
      )}
    </section>
  );
}

/** Where rows are lower than letters, every second or third has its name. */
function isNamed(row: number, rowHeight: number): boolean {
  return row % Math.ceil(13 / rowHeight) === 0;
}

function readOut(model: HeatModel, at: { readonly row: number; readonly window: number }): string {
  const value = model.cells[at.row]?.[at.window] ?? Number.NaN;
  const when = clockText(model.spans[at.window]?.toMs ?? 0);
  const said = Number.isNaN(value) ? 'unknown' : numberText(value);
  return `${model.labels[at.row] ?? ''}: ${said} at ${when}`;
}

function draw(
  canvas: HTMLCanvasElement,
  { spans, cells, max }: HeatModel,
  view: TimeSpan,
  rowHeight: number,
): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  canvas.height = Math.max(1, Math.round(cells.length * rowHeight * ratio));
  const context = canvas.getContext('2d');
  if (context === null) return;
  const [warm, unknown] = [tokenValue('--accent'), tokenValue('--band-silent')];
  const scale = canvas.width / Math.max(1, view.toMs - view.fromMs);
  spans.forEach(({ fromMs, toMs }, window) => {
    const left = Math.max(0, (fromMs - view.fromMs) * scale);
    const right = Math.min(canvas.width, (toMs - view.fromMs) * scale);
    cells.forEach((row, index) => {
      const value = row[window] ?? Number.NaN;
      if (value === 0) return;
      context.fillStyle = Number.isNaN(value) ? unknown : warm;
      // The eye tells small values apart from none better than large ones from each other.
      context.globalAlpha = Number.isNaN(value) ? 0.14 : 0.1 + 0.9 * Math.sqrt(value / max);
      const top = Math.round(index * rowHeight * ratio);
      const bottom = Math.round((index + 1) * rowHeight * ratio);
      context.fillRect(left, top, right - left, bottom - top - 1);
    });
  });
}
