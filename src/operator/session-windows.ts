/**
 * Session windows of one pipeline: finds each event's group, then its session, and hands sessions
 * over when event time has passed their ends. Whoever calls decides by watermarks when that is;
 * events before that are late and only counted.
 *
 * Invariant: every row is in one session, or counted as late or dropped.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import type { QueryPlan, SessionWindow } from '../ir/plan.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { GroupTable } from '../kernel/group.ts';
import type { EventBatch } from '../model/batch.ts';
import { groupKey } from '../model/group-key.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { SessionsPartial } from '../window/home-partial.ts';
import { aggregateProgramOf } from './contents-of.ts';
import { OpenSessions } from './open-sessions.ts';
import type { EndedSession, GroupSessions } from './open-sessions.ts';
import type { BatchClock } from './project-rows.ts';
import { RowProjection } from './project-rows.ts';
import type { StateSize } from './pane-contents.ts';
import { SessionAggregates, SessionRows } from './session-contents.ts';
import type { SessionContents } from './session-contents.ts';

/** Cumulative. */
export interface SessionCounts {
  readonly late: number;
  /** Events that would have begun a session when too many were open. */
  readonly sessions: number;
  /** Rows of a plain select for which there was no room. */
  readonly rows: number;
}

/** Groups that are known and have no session are forgotten when they are so many more. */
const IDLE_GROUPS_FACTOR = 2;
const IDLE_GROUPS_MIN = 1_024;

/** Start, end and alias of a session, and its place in the list of its group. */
const SESSION_BYTES = 40;

export class SessionWindows {
  readonly counters: EvalCounters = createEvalCounters();
  readonly #view: BatchView;
  readonly #groups: GroupTable;
  readonly #sessions: OpenSessions;
  readonly #contents: SessionContents;
  /** Groups with open sessions, by the text of their keys. */
  readonly #byText = new Map<string, GroupSessions>();
  /** The same by their number in the group table, as far as it was looked up. */
  #byGroup: (GroupSessions | undefined)[] = [];
  #closedThroughMs: number;
  #late = 0;
  #refused = 0;
  readonly #isJoined: boolean;
  #seen = 0;
  #matched = 0;
  #kept: Uint32Array = new Uint32Array(0);
  #sessionOf: Uint32Array = new Uint32Array(0);

  constructor(
    plan: QueryPlan,
    spec: SessionWindow,
    { config, closedThroughMs }: { readonly config: Config; readonly closedThroughMs: number },
  ) {
    this.#isJoined = plan.join !== null;
    const fields = new FieldSet();
    const { openSessionsMax } = config;
    this.#closedThroughMs = closedThroughMs;
    this.#sessions = new OpenSessions(spec, openSessionsMax);
    const groupsMax = openSessionsMax * IDLE_GROUPS_FACTOR + IDLE_GROUPS_MIN;
    this.#groups = new GroupTable(keysOf(plan), fields, this.counters, groupsMax);
    this.#contents =
      plan.aggregate === null
        ? new SessionRows(
            new RowProjection(plan.project, fields, this.counters),
            config.windowRowsMax,
          )
        : new SessionAggregates(
            aggregateProgramOf(plan, plan.aggregate, { fields, counters: this.counters }),
          );
    this.#view = new BatchView(fields);
  }

  get counts(): SessionCounts {
    return { late: this.#late, sessions: this.#refused, rows: this.#contents.dropped };
  }

  get state(): StateSize {
    const bytes = this.#contents.bytes + this.#sessions.count * SESSION_BYTES;
    return { bytes, groups: this.#byText.size };
  }

  /** The n rows of the batch that matched. */
  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    if (n === 0) return;
    this.#view.bind(batch, clock.nowMs, clock.ingestMs);
    const groups = this.#groups.assign(this.#view, rows, n);
    const lateBefore = this.#late;
    const kept = this.#place(batch.times, rows, n, groups);
    // The events that rows of a join come from were counted when they went into it.
    if (!this.#isJoined) this.#seen += n - (this.#late - lateBefore);
    this.#matched += kept;
    if (kept === 0) return;
    const { count } = this.#sessions;
    this.#contents.add(this.#view, this.#kept, kept, this.#sessionOf, count);
  }

  /** Events that were looked at and did not match. */
  addFiltered(count: number): void {
    this.#seen += count;
  }

  /** The sessions that end at or before `throughMs`, in order of end, start and group. */
  closeThrough(throughMs: number): SessionsPartial {
    this.#closedThroughMs = Math.max(this.#closedThroughMs, throughMs);
    const ended: EndedSession[] = [];
    for (const [text, group] of this.#byText) {
      this.#sessions.end(group, throughMs, ended);
      if (group.open.length === 0) this.#byText.delete(text);
    }
    this.#forgetIdle();
    const [seen, matched] = [this.#seen, this.#matched];
    this.#seen = 0;
    this.#matched = 0;
    return { ...this.#taken(ended.sort(bySpan)), seen, matched };
  }

  stringIds(): Iterable<number> {
    return this.#groups.stringIds();
  }

  /** Writes the rows that have a session, and which; returns how many. */
  #place(times: Float64Array, rows: Uint32Array, n: number, groups: Uint32Array): number {
    this.#kept = grownUints(this.#kept, n);
    this.#sessionOf = grownUints(this.#sessionOf, n);
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const timeMs = times[row]!;
      if (timeMs < this.#closedThroughMs) {
        this.#late++;
        continue;
      }
      const number = groups[i]!;
      const group = this.#byGroup[number] ?? this.#learn(number);
      const session = group === null ? 0 : this.#sessions.place(group, timeMs);
      if (session === 0) {
        this.#refused++;
        continue;
      }
      this.#kept[kept] = row;
      this.#sessionOf[kept++] = session;
    }
    return kept;
  }

  /** Null: of the groups that the table had no room for. */
  #learn(number: number): GroupSessions | null {
    if (number === this.#groups.overflow) return null;
    const key = this.#groups.keys[number]!;
    const text = groupKey(key);
    let group = this.#byText.get(text);
    if (group === undefined) this.#byText.set(text, (group = { key, open: [] }));
    this.#byGroup[number] = group;
    return group;
  }

  #taken(ended: readonly EndedSession[]): Omit<SessionsPartial, 'seen' | 'matched'> {
    const spans = {
      startsMs: Float64Array.from(ended, ({ startMs }) => startMs),
      endsMs: Float64Array.from(ended, ({ endMs }) => endMs),
      keys: ended.map(({ key }) => key),
    };
    if (ended.length === 0) return { ...spans, aggregates: [], rows: [] };
    const places = new Uint32Array(this.#sessions.count);
    for (const [i, { number }] of ended.entries()) places[number] = i + 1;
    for (let number = 1; number < places.length; number++) {
      places[number] = places[this.#sessions.root(number)]!;
    }
    const renamed = this.#sessions.renumber(this.#byText.values());
    return { ...spans, ...this.#contents.take(places, ended.length, renamed) };
  }

  /** Groups without a session cost memory in the table; it learns those that are left anew. */
  #forgetIdle(): void {
    const known = this.#groups.count;
    if (known > IDLE_GROUPS_MIN && known > this.#byText.size * IDLE_GROUPS_FACTOR) {
      this.#groups.clear();
    }
    // A group that has no session any more must be made anew when it comes back.
    this.#byGroup = [];
  }
}

/** What sessions are kept apart by: GROUP BY, of a plain select too. */
function keysOf({ aggregate, final, project }: QueryPlan): readonly Expression[] {
  if (aggregate !== null) return aggregate.keys;
  return final.arrangeBy.map((key) => (key.op === 'slot' ? project[key.index]! : key));
}

function bySpan(a: EndedSession, b: EndedSession): number {
  if (a.endMs !== b.endMs) return a.endMs - b.endMs;
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  return groupKey(a.key) < groupKey(b.key) ? -1 : 1;
}
