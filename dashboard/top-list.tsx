/** The largest groups of the newest window as bars; a click asks for one of them only. */
import type { JSX } from 'preact';
import type { Drawn, Explore } from './explore.ts';
import { clockText, countText, numberText, safeText } from './format.ts';
import { TOP_LIST_MAX } from './limits.ts';
import { narrowToGroup } from './narrow-to-group.ts';
import type { ResultStore } from './result-store.ts';
import { sortRows } from './sort-rows.ts';
import { ValueMark } from './value-mark.tsx';

export interface TopListProps extends Drawn {
  readonly explore: Explore;
  readonly store: ResultStore;
}

export function TopList({ explore, store }: TopListProps): JSX.Element {
  const [column] = store.chartColumns;
  const name = column?.name ?? '';
  const rows = store.newest?.rows ?? [];
  const isOrdered = /\border\s+by\b/i.test(explore.running.value?.query ?? '');
  const sorted = isOrdered ? rows : sortRows(rows, { column: name, descending: true });
  const shown = sorted.slice(0, TOP_LIST_MAX);
  const largest = shown.reduce((max, row) => Math.max(max, sizeOf(row[name])), 0);
  const end = store.newest?.windowEnd ?? null;
  return (
    <section class="card top-list" aria-label="Top list">
      <header class="chart-head">
        <span class="chart-title">
          <bdi>{safeText(name, 60)}</bdi>
          <ValueMark completeness={store.completeness} column={name} />
        </span>
        <span class="chart-time">{end === null ? '' : clockText(end)}</span>
      </header>
      <ol>
        {shown.map((row) => {
          const id = store.groupIdOf(row);
          const value = row[name];
          return (
            <li key={id}>
              <button
                type="button"
                title={`Only ${store.ring.labelOf(id)}`}
                onClick={() => void narrowToGroup(explore, id)}
              >
                <bdi>{store.ring.labelOf(id)}</bdi>
              </button>
              <i class="track" aria-hidden="true">
                <i style={{ width: largest > 0 ? `${(sizeOf(value) / largest) * 100}%` : '0' }} />
              </i>
              <span class="numeric">
                {store.isUnknown || typeof value !== 'number' ? '–' : numberText(value)}
              </span>
            </li>
          );
        })}
      </ol>
      {rows.length > shown.length && (
        <p class="chart-note">
          {countText(rows.length - shown.length, 'more group')} in the table.
        </p>
      )}
    </section>
  );
}

function sizeOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
