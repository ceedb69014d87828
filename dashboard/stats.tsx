/** Values as numbers to be read from across the room, each with its last minutes below it. */
import type { JSX } from 'preact';
import type { ResultColumn } from '../src/wire/results.ts';
import type { Drawn, Explore } from './explore.ts';
import { numberText, safeText } from './format.ts';
import type { ResultStore } from './result-store.ts';
import { viewOf } from './time-view.ts';
import { ValueMark } from './value-mark.tsx';

export interface StatsProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly groups: readonly string[];
  readonly columns: readonly ResultColumn[];
}

export function Stats({ explore, store, revision, groups, columns }: StatsProps): JSX.Element {
  return (
    <section class="card stats" aria-label="Numbers">
      {groups.flatMap((group) =>
        columns.map((column) => (
          <Stat key={`${group}\n${column.name}`} {...{ explore, store, revision, group, column }} />
        )),
      )}
    </section>
  );
}

interface StatProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly group: string;
  readonly column: ResultColumn;
}

function Stat({ explore, store, group, column }: StatProps): JSX.Element {
  const index = store.plotColumns.findIndex(({ name }) => name === column.name);
  const values = valuesInView(explore, store, group, index);
  const latest = values.at(-1)?.value ?? Number.NaN;
  const isUnknown = store.isUnknown || Number.isNaN(latest);
  const colour = (explore.colours.value.get(group) ?? 0) + 1;
  return (
    <figure class="stat">
      <figcaption>
        {group !== '' && (
          <>
            <i class={`swatch series-${colour}`} />
            <bdi>{store.ring.labelOf(group)}</bdi>{' '}
          </>
        )}
        <bdi class="faint">{safeText(column.name, 48)}</bdi>
        <ValueMark completeness={store.completeness} column={column.name} />
      </figcaption>
      <strong class={isUnknown ? 'unknown' : ''}>
        {isUnknown ? 'unknown' : numberText(latest)}
        {!isUnknown && column.unit !== undefined && <small> {safeText(column.unit, 12)}</small>}
      </strong>
      <svg viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
        <path class={`stroke-${colour}`} d={pathOf(values)} />
      </svg>
    </figure>
  );
}

interface Point {
  /** In [0, 1] over the view. */
  readonly at: number;
  readonly value: number;
}

function valuesInView(explore: Explore, store: ResultStore, group: string, index: number): Point[] {
  const { ring } = store;
  const view = viewOf({
    store,
    engineNowMs: explore.engineNow(store),
    spanMs: explore.spanMs.value,
    fixed: explore.view.value,
  });
  const points: Point[] = [];
  for (let i = 0; i < ring.length; i++) {
    const { end, condition } = ring.at(i);
    if (end < view.fromMs || end > view.toMs) continue;
    const isKnown = condition !== 'silent' && condition !== 'none';
    const at = (end - view.fromMs) / Math.max(1, view.toMs - view.fromMs);
    points.push({ at, value: isKnown ? ring.valueAt(group, index, i) : Number.NaN });
  }
  return points;
}

/** Unknown values are gaps. */
function pathOf(points: readonly Point[]): string {
  const known = points.filter(({ value }) => !Number.isNaN(value));
  const max = known.reduce((most, { value }) => Math.max(most, value), 0);
  const min = known.reduce((least, { value }) => Math.min(least, value), 0);
  const height = max === min ? 1 : max - min;
  let isDown = false;
  return points
    .map(({ at, value }) => {
      if (Number.isNaN(value)) {
        isDown = false;
        return '';
      }
      const place = `${(at * 100).toFixed(2)} ${(23 - ((value - min) / height) * 22).toFixed(2)}`;
      const step = `${isDown ? 'L' : 'M'}${place}`;
      isDown = true;
      return step;
    })
    .join('');
}
