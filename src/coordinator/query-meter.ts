/**
 * What a running query takes and gives, for lists and EXPLAIN ANALYZE. It is told once for each
 * closing round or batch of rows, never for each event.
 */
import type { AggregatePartial } from '../aggregate/contract.ts';
import type { PanePartial } from '../window/pane-partial.ts';

export interface Flow {
  /** Events looked at, wherever. */
  readonly seen: number;
  /** Of these, the ones that passed WHERE. */
  readonly matched: number;
  /** Group states or rows that shards handed to the merge. */
  readonly merged: number;
  /** Result rows. */
  readonly rows: number;
}

const EVERY_MS = 1_000;
/** Bytes of one value outside typed arrays: an estimate, as engines differ. */
const VALUE_BYTES = 16;

export class QueryMeter {
  readonly total: { seen: number; matched: number; merged: number; rows: number } = none();
  windows = 0;
  /** What the panes that closed last held, all shards together. */
  stateBytes = 0;
  #waiting = none();
  #rates: Flow | null = null;
  #sinceMs: number;
  #spanMs = EVERY_MS;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** Panes closed together. */
  closed(panes: readonly PanePartial[], nowMs: number): void {
    let seen = 0;
    let matched = 0;
    let merged = 0;
    let bytes = 0;
    for (const pane of panes) {
      seen += pane.seen;
      matched += pane.matched;
      merged += pane.groups?.keys.length ?? pane.rows.length;
      bytes += paneBytes(pane);
    }
    this.stateBytes = bytes;
    this.add({ seen, matched, merged }, nowMs);
  }

  told(rows: number): void {
    this.windows++;
    this.gave(rows);
  }

  gave(rows: number): void {
    this.total.rows += rows;
    this.#waiting.rows += rows;
  }

  add({ seen, matched, merged }: Omit<Flow, 'rows'>, nowMs: number): void {
    const { total } = this;
    total.seen += seen;
    total.matched += matched;
    total.merged += merged;
    const waiting = this.#waiting;
    waiting.seen += seen;
    waiting.matched += matched;
    waiting.merged += merged;
    if (nowMs - this.#sinceMs >= EVERY_MS) this.#turn(nowMs);
  }

  /**
   * A second, over the last second or the last window, whichever is longer; null: too early to say.
   */
  perSecond(nowMs: number): Flow | null {
    // Nothing has come for longer than it used to take: that is a rate, too.
    if (nowMs - this.#sinceMs > 2 * this.#spanMs + EVERY_MS) this.#turn(nowMs);
    return this.#rates;
  }

  #turn(nowMs: number): void {
    const spanMs = nowMs - this.#sinceMs;
    const rate = (count: number): number => Math.round((count / spanMs) * 10_000) / 10;
    const { seen, matched, merged, rows } = this.#waiting;
    this.#rates = {
      seen: rate(seen),
      matched: rate(matched),
      merged: rate(merged),
      rows: rate(rows),
    };
    this.#waiting = none();
    this.#sinceMs = nowMs;
    this.#spanMs = spanMs;
  }
}

function none(): { seen: number; matched: number; merged: number; rows: number } {
  return { seen: 0, matched: 0, merged: 0, rows: 0 };
}

function paneBytes({ groups, rows }: PanePartial): number {
  let bytes = 0;
  for (const row of rows) bytes += (row.slots.length + 3) * VALUE_BYTES;
  if (groups === null) return bytes;
  const width = groups.keys[0]?.length ?? 0;
  bytes += groups.keys.length * width * VALUE_BYTES + groups.firstSeenMs.byteLength;
  for (const partial of groups.aggregates) bytes += partialBytes(partial);
  return bytes;
}

/** Typed arrays count what they take, lists a value each; nested ones are looked into once. */
function partialBytes(partial: AggregatePartial): number {
  let bytes = 0;
  for (const member of Object.values(partial) as unknown[]) {
    if (ArrayBuffer.isView(member)) bytes += member.byteLength;
    else if (Array.isArray(member)) bytes += listBytes(member);
  }
  return bytes;
}

function listBytes(list: readonly unknown[]): number {
  let bytes = 0;
  for (const item of list) {
    if (ArrayBuffer.isView(item)) bytes += item.byteLength;
    else bytes += (Array.isArray(item) ? item.length : 1) * VALUE_BYTES;
  }
  return bytes;
}
