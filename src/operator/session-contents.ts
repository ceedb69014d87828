/**
 * What sessions hold, by their number: states of aggregates, or rows of a plain select. Sessions
 * that became one are merged when the ended ones are taken out, which costs the open sessions and
 * happens only when some have ended.
 */
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { AggregatePartial, GroupedAggregate } from '../aggregate/contract.ts';
import { scaledPartial } from '../aggregate/scale-partial.ts';
import { VALUE_BYTES } from '../aggregate/state-bytes.ts';
import type { BatchView } from '../kernel/batch-view.ts';
import type { SlotRow } from '../window/pane-partial.ts';
import type { AggregateProgram } from './pane-contents.ts';
import type { RowProjection } from './project-rows.ts';

/** Of ended sessions, by their place among them. */
export interface TakenContents {
  readonly aggregates: readonly AggregatePartial[];
  readonly rows: readonly (readonly SlotRow[])[];
}

/** Old number → place among the ended ones, from 1; 0: it is open. */
type Places = Uint32Array;

export interface SessionContents {
  /** Row i < n of the bound batch, `rows[i]`, is of session `sessions[i]` < `count`. */
  add(view: BatchView, rows: Uint32Array, n: number, sessions: Uint32Array, count: number): void;
  /** About what it takes; costs a walk. */
  readonly bytes: number;
  /** Rows for which there was no room. */
  readonly dropped: number;
  /** Takes the ended ones out and gives the others new numbers; `renamed[old]` is 0 for ended. */
  take(places: Places, ended: number, renamed: Uint32Array): TakenContents;
}

/** Group 0 takes what is thrown away and is never looked at. */
export class SessionAggregates implements SessionContents {
  readonly dropped = 0;
  readonly #program: AggregateProgram;
  readonly #aggregates: readonly GroupedAggregate[];

  constructor(program: AggregateProgram) {
    this.#program = program;
    this.#aggregates = program.stage.aggregates.map(aggregateFrom);
  }

  get bytes(): number {
    let bytes = 0;
    for (const aggregate of this.#aggregates) bytes += aggregate.bytes ?? 0;
    return bytes;
  }

  add(view: BatchView, rows: Uint32Array, n: number, sessions: Uint32Array, count: number): void {
    for (let a = 0; a < this.#aggregates.length; a++) {
      this.#aggregates[a]!.grow(count);
      this.#program.feeds[a]!.feed(this.#aggregates[a]!, view, rows, n, sessions);
    }
  }

  take(places: Places, ended: number, renamed: Uint32Array): TakenContents {
    const aggregates = this.#aggregates.map((aggregate, a) => {
      const all = aggregate.encode(places.length);
      const out = aggregateFrom(this.#program.stage.aggregates[a]!);
      out.grow(ended + 1);
      out.merge(all, places);
      aggregate.reset();
      aggregate.grow(places.length);
      aggregate.merge(all, renamed);
      return scaledPartial(out.encode(ended + 1), this.#program.scale);
    });
    return { aggregates, rows: [] };
  }
}

export class SessionRows implements SessionContents {
  readonly #projection: RowProjection;
  readonly #rowsMax: number;
  #rows = new Map<number, SlotRow[]>();
  #held = 0;
  #dropped = 0;

  /** `rowsMax`: of all open sessions together. */
  constructor(projection: RowProjection, rowsMax: number) {
    this.#projection = projection;
    this.#rowsMax = rowsMax;
  }

  get bytes(): number {
    const [[first] = []] = this.#rows.values();
    return this.#held * (first?.slots.length ?? 0) * VALUE_BYTES;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(view: BatchView, rows: Uint32Array, n: number, sessions: Uint32Array): void {
    const room = Math.min(n, this.#rowsMax - this.#held);
    const projected: SlotRow[] = [];
    this.#projection.project(view, rows, room, projected);
    for (let i = 0; i < room; i++) append(this.#rows, sessions[i]!, projected[i]!);
    this.#held += room;
    this.#dropped += n - room;
  }

  take(places: Places, ended: number, renamed: Uint32Array): TakenContents {
    const taken = Array.from({ length: ended }, (): SlotRow[] => []);
    const kept = new Map<number, SlotRow[]>();
    for (const [number, rows] of this.#rows) {
      const place = places[number]!;
      for (const row of rows) {
        if (place > 0) taken[place - 1]!.push(row);
        else append(kept, renamed[number]!, row);
      }
      if (place > 0) this.#held -= rows.length;
    }
    this.#rows = kept;
    return { aggregates: [], rows: taken };
  }
}

function append(lists: Map<number, SlotRow[]>, number: number, row: SlotRow): void {
  const known = lists.get(number);
  if (known === undefined) lists.set(number, [row]);
  else known.push(row);
}
