/**
 * The rows of the newest window, or the newest events of a plain filter, in a window of DOM rows of
 * fixed height: the page holds some forty rows whatever the result holds. Events are newest first;
 * scrolled away from the top they stand still, and say how many are waiting.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX, TargetedEvent } from 'preact';
import { useRef } from 'preact/hooks';
import type { ValueObject } from '../src/model/value.ts';
import type { Drawn, Explore } from './explore.ts';
import { cellText, clockText, countText, numberText, safeText } from './format.ts';
import { EVENTS_MAX } from './limits.ts';
import { narrowToGroup } from './narrow-to-group.ts';
import type { NewestRows, ResultStore } from './result-store.ts';
import { rowsAt } from './past-rows.ts';
import { sortRows } from './sort-rows.ts';
import type { SortOrder } from './sort-rows.ts';
import { ValueMark } from './value-mark.tsx';

const ROW_HEIGHT = 28;
const VIEW_HEIGHT = 480;
const ROWS_AROUND = 8;

interface Frozen {
  readonly rows: readonly ValueObject[];
  readonly seen: number;
}

export function ResultTable({
  explore,
  store,
  revision,
}: { explore: Explore; store: ResultStore } & Drawn): JSX.Element {
  const scrollTop = useSignal(0);
  const order = useSignal<SortOrder | null>(null);
  const frozen = useSignal<Frozen | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const isEvents = store.shape === 'events' || store.shape === 'spans';
  const view = explore.view.value;
  const newest = (view === null ? null : rowsAt(store, view.toMs)) ?? store.newest;
  const live = isEvents ? store.events.toReversed() : (newest?.rows ?? []);
  const unordered = isEvents && frozen.value !== null ? frozen.value.rows : live;
  const rows = order.value === null ? unordered : sortRows(unordered, order.value);
  const columns = store.tableColumns;
  const numeric = new Set(columns.filter((name) => isNumeric(store, name, rows)));
  const first = Math.max(0, Math.floor(scrollTop.value / ROW_HEIGHT) - ROWS_AROUND);
  const last = Math.min(rows.length, first + Math.ceil(VIEW_HEIGHT / ROW_HEIGHT) + ROWS_AROUND * 2);

  const onScroll = (event: TargetedEvent<HTMLDivElement>): void => {
    const top = event.currentTarget.scrollTop;
    scrollTop.value = top;
    if (!isEvents) return;
    if (top > ROW_HEIGHT) frozen.value ??= { rows: live, seen: store.eventsSeen };
    else frozen.value = null;
  };
  const waiting = frozen.value === null ? 0 : store.eventsSeen - frozen.value.seen;
  return (
    <section
      class={store.isUnknown ? 'card table-card unknown' : 'card table-card'}
      aria-label="Result rows"
    >
      <TableHead {...{ store, newest, revision }} rows={rows.length} />
      {waiting > 0 && (
        <button
          type="button"
          class="pill-button table-waiting"
          onClick={() => scroller.current?.scrollTo({ top: 0 })}
        >
          {countText(waiting, 'newer event')} ↑
        </button>
      )}
      <div class="table-scroll" ref={scroller} onScroll={onScroll} tabIndex={0}>
        <table aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {columns.map((name) => (
                <HeadCell key={name} numeric={numeric.has(name)} {...{ store, name, order }} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer rows={first} columns={columns.length} />
            {rows.slice(first, last).map((row, i) => (
              <Row
                key={first + i}
                index={first + i}
                row={row}
                {...{ explore, store, columns, numeric, rows }}
              />
            ))}
            <Spacer rows={rows.length - last} columns={columns.length} />
          </tbody>
        </table>
        {rows.length === 0 && <p class="table-empty">No rows in this window.</p>}
      </div>
    </section>
  );
}

function TableHead({
  store,
  newest,
  rows,
}: { store: ResultStore; newest: NewestRows | null; rows: number } & Drawn): JSX.Element {
  if (store.shape === 'events') return <EventsHead seen={store.eventsSeen} noun="event" />;
  if (store.shape === 'spans') return <EventsHead seen={store.eventsSeen} noun="window" />;
  return (
    <header class="table-head">
      <h2>{headOf(store, newest)}</h2>
      <span class="numeric">{whenText(newest)}</span>
      <span>{countText(rows, 'row')}</span>
      {store.isUnknown && <span class="tag warn">nobody reported: unknown, not zero</span>}
      {newest !== null && <WindowTags newest={newest} />}
    </header>
  );
}

function headOf({ shape, newest: latest }: ResultStore, shown: NewestRows | null): string {
  if (shape === 'running') return 'Since the query began';
  return shown === latest ? 'Newest window' : 'Earlier window';
}

function EventsHead({ seen, noun }: { seen: number; noun: 'event' | 'window' }): JSX.Element {
  return (
    <header class="table-head">
      <h2>{noun === 'event' ? 'Events' : 'Windows'}</h2>
      <span>
        {countText(seen, noun)}
        {seen > EVENTS_MAX ? `, newest ${numberText(EVENTS_MAX)} kept` : ''}
      </span>
    </header>
  );
}

function WindowTags({ newest }: { newest: NewestRows }): JSX.Element {
  return (
    <>
      {newest.provisional && <span class="tag">provisional</span>}
      {newest.revision > 0 && <span class="tag">revision {newest.revision}</span>}
      {newest.cut > 0 && (
        <span class="tag warn">{countText(newest.cut, 'row')} beyond the page's bound</span>
      )}
    </>
  );
}

function whenText(newest: NewestRows | null): string {
  if (newest === null || newest.windowStart === null || newest.windowEnd === null) {
    return '';
  }
  return `${clockText(newest.windowStart)} – ${clockText(newest.windowEnd)}`;
}

function HeadCell({
  store,
  name,
  numeric,
  order,
}: {
  store: ResultStore;
  name: string;
  numeric: boolean;
  order: Signal<SortOrder | null>;
}): JSX.Element {
  const mine = order.value?.column === name ? order.value : null;
  const turn = (): void => {
    if (mine === null) order.value = { column: name, descending: numeric };
    else if (mine.descending === numeric) order.value = { column: name, descending: !numeric };
    else order.value = null;
  };
  const isValue = store.schema?.columns.some((one) => one.name === name && one.role === 'value');
  const sorted = mine === null ? 'none' : mine.descending ? 'descending' : 'ascending';
  return (
    <th class={numeric ? 'number' : ''} aria-sort={sorted} scope="col">
      <button type="button" onClick={turn} title={safeText(name)}>
        <bdi>{safeText(name, 48)}</bdi>
        {isValue && <ValueMark completeness={store.completeness} column={name} />}
        <span class="sort-mark" aria-hidden="true">
          {mine === null ? '' : mine.descending ? '\u00a0↓' : '\u00a0↑'}
        </span>
      </button>
    </th>
  );
}

interface RowProps {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly columns: readonly string[];
  /** Columns of numbers; an absent value stands where the numbers stand. */
  readonly numeric: ReadonlySet<string>;
  readonly rows: readonly ValueObject[];
  readonly row: ValueObject;
  readonly index: number;
}

function Row({ explore, store, columns, numeric, rows, row, index }: RowProps): JSX.Element {
  const isEvents = store.shape === 'events' || store.shape === 'spans';
  const group = isEvents ? null : store.groupIdOf(row);
  const colour = group === null ? undefined : explore.colours.value.get(group);
  const isSeries = group !== null && group !== '' && store.isSeries;
  return (
    <tr
      aria-rowindex={index + 2}
      {...(isSeries
        ? {
            onPointerEnter: () => (explore.focusedGroup.value = group),
            onPointerLeave: () => (explore.focusedGroup.value = null),
          }
        : {})}
    >
      {columns.map((name, i) => {
        const value = row[name] ?? null;
        const text = cellText(value, name);
        const isNumber = typeof value === 'number';
        return (
          <td
            key={name}
            class={cellClass(value, numeric.has(name))}
            title={isNumber ? String(value) : text.length > 24 ? text : undefined}
          >
            {isNumber && isSeries && (
              <i class="bar" style={{ width: barWidth(rows, name, value) }} />
            )}
            {i === 0 && isSeries && (
              <i class={colour === undefined ? 'swatch' : `swatch series-${colour + 1}`} />
            )}
            {i === 0 ? (
              <FirstCell {...{ explore, store, row, text }} group={isSeries ? group : null} />
            ) : (
              <bdi>{text}</bdi>
            )}
          </td>
        );
      })}
    </tr>
  );
}

interface FirstCellProps {
  readonly explore: Explore;
  readonly store: ResultStore;
  readonly row: ValueObject;
  /** Null: the row is an event, or of no group. */
  readonly group: string | null;
  readonly text: string;
}

/** Opens an event whole, or asks for the row's group only. */
function FirstCell({ explore, store, row, group, text }: FirstCellProps): JSX.Element {
  if (group !== null) {
    return (
      <button
        type="button"
        class="link quiet"
        title={`Only ${store.ring.labelOf(group)}`}
        onClick={() => void narrowToGroup(explore, group)}
      >
        <bdi>{text}</bdi>
      </button>
    );
  }
  if (store.shape !== 'events' && store.shape !== 'spans') return <bdi>{text}</bdi>;
  return (
    <button
      type="button"
      class="link"
      title="Show the whole event"
      onClick={() => (explore.openedEvent.value = row)}
    >
      <bdi>{text}</bdi>
    </button>
  );
}

function cellClass(value: unknown, numeric: boolean): string {
  const kind = numeric || typeof value === 'number' ? 'number' : '';
  return value === null ? `${kind} null` : kind;
}

function Spacer({ rows, columns }: { rows: number; columns: number }): JSX.Element | null {
  if (rows <= 0) return null;
  return (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={Math.max(1, columns)} style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tr>
  );
}

function isNumeric(store: ResultStore, name: string, rows: readonly ValueObject[]): boolean {
  const declared = store.schema?.columns.find((column) => column.name === name);
  if (declared !== undefined && declared.type !== 'any') return declared.type === 'number';
  return typeof rows[0]?.[name] === 'number';
}

/** Rows that are compared for a bar's full width; a longer table is scaled by its first ones. */
const BAR_ROWS_MAX = 200;

function barWidth(rows: readonly ValueObject[], name: string, value: number): string {
  let max = 0;
  for (const row of rows.slice(0, BAR_ROWS_MAX)) {
    const other = row[name];
    if (typeof other === 'number' && other > max) max = other;
  }
  if (max <= 0 || value <= 0) return '0';
  return `${Math.min(100, (value / max) * 100).toFixed(1)}%`;
}
