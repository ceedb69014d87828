/**
 * The events of a tail, newest first, a window of DOM rows over all that is kept. Who scrolls away
 * from the top or picks an event stops the list; the keys do all that the pointer does.
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ValueObject } from '../../src/model/value.ts';
import type { Drawn } from '../explore.ts';
import { cellText, clockText, countText, safeText } from '../format.ts';
import { toneOf } from './event-tone.ts';
import type { LoggedEvent } from './event-log.ts';
import type { Tail } from './tail.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

const ROW_HEIGHT = 26;

/** Rows that Page Up and Page Down pass. */
const PAGE_ROWS = 20;

/** Fields of an event that its one line shows. */
const SUMMARY_FIELDS_MAX = 14;

interface Column {
  readonly name: string;
  /** By the newest event: numbers stand at the right of a narrower column. */
  readonly numeric: boolean;
}

export interface EventListProps extends Drawn {
  readonly tail: Tail;
}

export function EventList({ tail, revision }: EventListProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const { length } = tail;
  const { rows, before, total, show } = useVirtualRows(box, length, ROW_HEIGHT);
  const names = tail.columns.value;
  const newest = tail.at(0)?.event;
  const columns = names.map((name) => ({ name, numeric: typeof newest?.[name] === 'number' }));
  const paused = tail.paused.value;
  const selected = tail.selected.value;
  useEffect(() => {
    // The newest are at the top; to go on is to go there.
    if (paused === null) box.current?.scrollTo({ top: 0 });
  }, [paused]);
  const onScroll = (): void => {
    const top = box.current?.scrollTop ?? 0;
    if (top > ROW_HEIGHT) tail.pause();
    else if (top === 0 && tail.paused.peek() !== null && tail.selected.peek() === null)
      tail.resume();
  };
  const pick = (index: number): void => {
    const number = tail.at(index)?.number;
    tail.pause();
    const at = indexOf(tail, number);
    tail.selected.value = tail.at(at)?.number ?? null;
    if (at >= 0) show(at);
  };
  const onKey = (event: KeyboardEvent): void => {
    const at = selected === null ? -1 : indexOf(tail, selected);
    const next = movedBy(event.key, at, length);
    if (next === null) return;
    event.preventDefault();
    pick(next);
  };
  return (
    <div class="tail-list card">
      <Waiting {...{ tail, revision }} />
      <div
        class="tail-scroll"
        ref={box}
        onScroll={onScroll}
        onKeyDown={onKey}
        role="grid"
        aria-label="Events"
        aria-rowcount={length + 1}
        aria-colcount={columns.length + (columns.length === 0 ? 2 : 1)}
        aria-activedescendant={selected === null ? undefined : `event-${selected}`}
        tabIndex={0}
      >
        <div class="tail-rows" role="rowgroup" style={{ minWidth: widthOf(columns) }}>
          <Head tail={tail} columns={columns} />
          <div style={{ height: `${before}px` }} />
          {rows.map((index) => {
            const entry = tail.at(index);
            if (entry === undefined) return null;
            return (
              <Row
                key={entry.number}
                {...{ entry, columns, index }}
                selected={entry.number === selected}
                onPick={() => pick(index)}
              />
            );
          })}
          <div style={{ height: `${Math.max(0, total - before - rows.length * ROW_HEIGHT)}px` }} />
        </div>
      </div>
    </div>
  );
}

/** What came while the list stands still. */
function Waiting({ tail }: EventListProps): JSX.Element | null {
  if (tail.paused.value === null) return null;
  const { waiting } = tail;
  return (
    <button type="button" class="pill-button tail-waiting" onClick={() => tail.resume()}>
      {waiting === 0 ? 'Paused' : countText(waiting, 'newer event')} · go on ↑
    </button>
  );
}

function Head({ tail, columns }: { tail: Tail; columns: readonly Column[] }): JSX.Element {
  return (
    <div class="tail-row tail-head" role="row" aria-rowindex={1} style={gridOf(columns)}>
      <span role="columnheader">time</span>
      {columns.length === 0 && <span role="columnheader">event</span>}
      {columns.map(({ name, numeric }) => (
        <span key={name} role="columnheader" class={numeric ? 'tail-column number' : 'tail-column'}>
          <bdi title={safeText(name)}>{safeText(name, 40)}</bdi>
          <button
            type="button"
            tabIndex={-1}
            aria-label={`Remove the column ${safeText(name, 40)}`}
            onClick={() => tail.toggleColumn(name)}
          >
            ×
          </button>
        </span>
      ))}
    </div>
  );
}

interface RowProps {
  readonly entry: LoggedEvent;
  readonly columns: readonly Column[];
  readonly index: number;
  readonly selected: boolean;
  readonly onPick: () => void;
}

function Row({ entry, columns, index, selected, onPick }: RowProps): JSX.Element {
  const { event, timeMs, number } = entry;
  return (
    <div
      class={`tail-row says-${toneOf(event)}`}
      id={`event-${number}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={gridOf(columns)}
      onClick={onPick}
    >
      <span role="gridcell" class="tail-time">
        {timeMs === null ? '–' : timeText(timeMs)}
      </span>
      {columns.length === 0 && (
        <span role="gridcell" class="tail-summary">
          <Summary event={event} />
        </span>
      )}
      {columns.map(({ name, numeric }) => (
        <span key={name} role="gridcell" class={numeric ? 'tail-cell number' : 'tail-cell'}>
          <bdi>{cellText(event[name] ?? null, name)}</bdi>
        </span>
      ))}
    </div>
  );
}

function Summary({ event }: { event: ValueObject }): JSX.Element {
  const entries = Object.entries(event).slice(0, SUMMARY_FIELDS_MAX);
  return (
    <>
      {entries.map(([name, value]) => (
        <span key={name} class="tail-pair">
          <bdi class="tail-key">{safeText(name, 40)}</bdi>
          <bdi>{safeText(cellText(value ?? null, name), 80)}</bdi>
        </span>
      ))}
    </>
  );
}

function timeText(ms: number): string {
  return `${clockText(ms)}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}`;
}

/** Where an event stands in the list now; -1: it is there no more. */
function indexOf(tail: Tail, number: number | undefined): number {
  const newest = tail.at(0)?.number;
  if (number === undefined || newest === undefined) return -1;
  // Numbers are without holes and the newest is first.
  const index = newest - number;
  return index >= 0 && index < tail.length ? index : -1;
}

/** Null: the key moves nothing. */
function movedBy(key: string, at: number, length: number): number | null {
  if (length === 0) return null;
  const clamped = (index: number): number => Math.max(0, Math.min(length - 1, index));
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return clamped(at + 1);
    case 'ArrowUp':
    case 'k':
      return clamped(at - 1);
    case 'PageDown':
      return clamped(at + PAGE_ROWS);
    case 'PageUp':
      return clamped(at - PAGE_ROWS);
    case 'Enter':
      return clamped(at);
    case 'End':
      return length - 1;
    default:
      return null;
  }
}

const TIME_WIDTH = 104;
const NUMBER_WIDTH = 104;
const TEXT_WIDTH_MIN = 120;

function gridOf(columns: readonly Column[]): { gridTemplateColumns: string } {
  const widths = columns.map(({ numeric }) =>
    numeric ? `${NUMBER_WIDTH}px` : `minmax(${TEXT_WIDTH_MIN}px, 1fr)`,
  );
  const rest = columns.length === 0 ? 'minmax(0, 1fr)' : widths.join(' ');
  return { gridTemplateColumns: `${TIME_WIDTH}px ${rest}` };
}

function widthOf(columns: readonly Column[]): string {
  return columns.length === 0 ? '0' : `${TIME_WIDTH + columns.length * TEXT_WIDTH_MIN}px`;
}
