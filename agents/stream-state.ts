/**
 * One stream of an agent: what publishing an event does, and the stream's page of the ledger.
 * Nobody asks: one branch. Somebody asks: one evaluation for all queries together, and if any of
 * them wants the event, the fields they read are appended to the batch being built. Pure: time
 * comes from the clock it is given, batches go to the outbox it is given.
 *
 * offered = filtered + sampledOut + aggregated + sent + dropped + queued, at any moment.
 */
import type { Clock } from '../src/core/clock.ts';
import { LOOKED } from '../src/edge/looked.ts';
import type { StreamEvaluator } from '../src/edge/stream-evaluator.ts';
import type { RowContext } from '../src/expr/context.ts';
import type { Event } from '../src/model/value.ts';
import type { StreamCounts, StreamOffer, TimePolicy } from '../src/wire/agent-messages.ts';
import { CellBatchBuilder } from '../src/wire/cell-batch.ts';
import type { BatchLimits } from '../src/wire/cell-batch.ts';
import { LOOK } from './cpu-guard.ts';
import type { CpuGuard, Look } from './cpu-guard.ts';
import { EventTimes } from './event-times.ts';
import { FieldCatalogue } from './field-catalogue.ts';
import type { StreamMask } from './mask.ts';
import type { HeldBatch, Outbox } from './outbox.ts';
import { loseShares } from './partials.ts';
import type { DropReason, Publishable, PublishOutcome } from './publish-outcome.ts';
import { StreamPage } from './stream-page.ts';
import { StreamTables } from './stream-tables.ts';
import type { TableLimits } from './stream-tables.ts';

/** Corrections of a clock stay below this. */
const AHEAD_MS_MAX = 1_000;

export interface StreamSurroundings {
  readonly clock: Clock;
  readonly stampClock: Clock;
  /** Ahead of the clock, of the engine's clock. */
  readonly offsetMs: () => number;
  readonly outbox: Outbox;
  /** What of the stream waits on disk. */
  readonly spooled: {
    readonly rows: (stream: string) => number;
    /** Infinity: nothing. */
    readonly oldestMs: (stream: string) => number;
  };
  readonly limits: BatchLimits;
  readonly catalogue: { readonly fieldsMax: number; readonly nameLengthMax: number };
  /** Shared by all streams of the agent. */
  readonly guard: CpuGuard;
  /** Null: every field is given. */
  readonly mask: StreamMask | null;
  readonly tables: TableLimits;
  /** There is something to send, now or when the oldest event has waited long enough. */
  readonly onWork: () => void;
}

export class StreamState {
  readonly name: string;
  readonly time: TimePolicy;
  readonly #around: StreamSurroundings;
  readonly #catalogue: FieldCatalogue;
  readonly #guard: CpuGuard;
  readonly #mask: StreamMask | null;
  readonly #times: EventTimes;
  readonly #tables: StreamTables;
  readonly #page = new StreamPage();
  #evaluator: StreamEvaluator | null = null;
  /** Of the standing queries alone; null: there are none, or they cannot be told apart. */
  #standing: StreamEvaluator | null = null;
  #builder: CellBatchBuilder | null = null;
  #epoch = 0;
  #learnDue = true;
  #nextSequence = 1;
  #oldestMs = Infinity;
  #builtSinceMs = Infinity;
  #builtBytes = 0;
  #holdMs = Infinity;

  constructor(name: string, time: TimePolicy, around: StreamSurroundings) {
    this.name = name;
    this.time = time;
    this.#around = around;
    this.#guard = around.guard;
    this.#mask = around.mask;
    this.#catalogue = new FieldCatalogue(around.catalogue, around.mask?.denied);
    this.#times = new EventTimes(time, around.stampClock, around.offsetMs);
    this.#tables = new StreamTables(name, around.tables);
  }

  /** Whether some query reads the stream. */
  get active(): boolean {
    return this.#evaluator !== null;
  }

  get evaluator(): StreamEvaluator | null {
    return this.#evaluator;
  }

  get fieldsChanged(): boolean {
    return this.#catalogue.changed;
  }

  /** Events whose time field was not readable; they were taken at the time they were published. */
  get badTimes(): number {
    return this.#times.badTimes;
  }

  /** Clock time at which the batch being built got its first row; Infinity: it is empty. */
  get builtSinceMs(): number {
    return this.#builtSinceMs;
  }

  /** Clock time at which deltas are due that wait for no pane's end; Infinity: none are. */
  get partialsAtMs(): number {
    return this.#tables.dueMs - this.#around.offsetMs();
  }

  publish(event: Publishable): PublishOutcome {
    if (this.#evaluator === null) {
      if (this.#learnDue && typeof event !== 'function') this.#learn(event);
      return 'skipped';
    }
    return this.#offer(event, this.#evaluator);
  }

  /** One event may be looked at for its fields. */
  learnOne(): void {
    this.#learnDue = true;
  }

  /**
   * Other queries from now on; what was built so far leaves under the old epoch. `standing`: those
   * that are left out last; the same, if all are.
   */
  replan(
    evaluator: StreamEvaluator | null,
    epoch: number,
    standing: StreamEvaluator | null = null,
  ): void {
    this.seal();
    this.sealPartials(Infinity);
    this.#tables.replan(evaluator?.tables ?? []);
    this.#evaluator = evaluator;
    this.#standing = standing;
    this.#epoch = epoch;
    const { limits } = this.#around;
    this.#builder =
      evaluator?.ships === true
        ? new CellBatchBuilder(evaluator.readers, evaluator.allFields, limits)
        : null;
  }

  /** Publishing costs a branch from now on. */
  breakDown(): void {
    this.#evaluator = null;
    this.#learnDue = false;
  }

  /** Hands what was counted of panes that end at or before `throughMs` to the outbox. */
  sealPartials(throughMs: number): void {
    for (const body of this.#tables.take(throughMs)) {
      this.#around.outbox.add(this.#held(body, body.oldestMs));
    }
  }

  /** Everything whose time has come at a pane's end. */
  sealEnded(nowMs: number): void {
    this.seal();
    this.sealPartials(nowMs + this.#around.offsetMs() - this.time.slackMs);
  }

  /** Hands what was built to the outbox. */
  seal(): void {
    const builder = this.#builder;
    if (builder === null || builder.rows === 0) return;
    const held = this.#held(builder.seal(), this.#oldestMs);
    this.#built(0);
    this.#nextSequence += held.batch.rows;
    this.#oldestMs = Infinity;
    this.#builtSinceMs = Infinity;
    this.#around.outbox.add(held);
  }

  #held(batch: HeldBatch['batch'], oldestMs: number): HeldBatch {
    return {
      ...{ stream: this.name, batch, oldestMs },
      firstSequence: this.#nextSequence,
      epoch: this.#epoch,
      filtered: 0,
      frameSequence: 0,
    };
  }

  /** A batch left for the first time. */
  sent(held: HeldBatch): void {
    this.#page.sent += held.batch.rows;
    held.filtered = this.#page.unreported();
  }

  /** A batch was given up. */
  gaveUp(held: HeldBatch, reason: DropReason): void {
    if ('body' in held.batch) {
      loseShares(held.batch, reason);
      return;
    }
    if (held.frameSequence > 0) this.#page.sent -= held.batch.rows;
    this.#page.drop(reason, held.batch.rows);
  }

  /** Events of an earlier process of the service are taken on; gives the first one's number. */
  adopt(events: number): number {
    const first = this.#nextSequence;
    this.#page.offered += events;
    this.#nextSequence += events;
    return first;
  }

  /** Events that were accepted are lost. */
  lost(reason: DropReason, events: number): void {
    this.#page.drop(reason, events);
  }

  /** Events at or after `timeMs` are still to be published (unread bytes); null: none are. */
  hold(timeMs: number | null): void {
    this.#holdMs = timeMs ?? Infinity;
  }

  /**
   * No event before this will come: corrected clock − slack, or the oldest that waits. Never goes
   * back while a connection lasts.
   */
  watermark(nowMs: number): number {
    const clockMs = nowMs + this.#around.offsetMs() - this.time.slackMs;
    const { outbox, spooled } = this.#around;
    const storedMs = Math.min(outbox.oldestWaitingMs(this.name), spooled.oldestMs(this.name));
    const waitingMs = Math.min(this.#oldestMs, storedMs);
    const heldMs = Math.min(waitingMs, this.#tables.holdMs);
    const watermarkMs = Math.floor(Math.min(clockMs, heldMs, this.#holdMs));
    if (watermarkMs > this.#times.promisedMs) this.#times.promisedMs = watermarkMs;
    return this.#times.promisedMs;
  }

  /** The clock was set back behind what was promised, and not by a little. */
  isAhead(nowMs: number): boolean {
    return this.#times.promisedMs > nowMs + this.#around.offsetMs() + AHEAD_MS_MAX;
  }

  /** A new connection: what will be sent again may lie behind what was promised on the old one. */
  forgetWatermark(): void {
    this.#times.promisedMs = -Infinity;
  }

  /** Cumulative; telling them settles what frames would have said about events left out. */
  counts(): StreamCounts {
    return this.#page.counts();
  }

  /** Events accepted and not yet sent. */
  queued(): number {
    const { outbox, spooled } = this.#around;
    const built = this.#builder?.rows ?? 0;
    return built + outbox.queuedEvents(this.name) + spooled.rows(this.name);
  }

  /** What was put into batches, and how much of it, from the first on, is held no more. */
  get progress(): { readonly taken: number; readonly settled: number } {
    const sealed = this.#nextSequence - 1;
    const unsettled = this.#around.outbox.firstHeld(this.name) ?? this.#nextSequence;
    return { taken: sealed + (this.#builder?.rows ?? 0), settled: unsettled - 1 };
  }

  /** Roughly how long `offer()` is as text. */
  get offerCharacters(): number {
    return 200 + this.name.length + this.#catalogue.characters;
  }

  offer(): StreamOffer {
    return { name: this.name, time: this.time, fields: this.#catalogue.offered() };
  }

  #offer(source: Publishable, evaluator: StreamEvaluator): PublishOutcome {
    this.#page.offered++;
    const guard = this.#guard;
    const look = guard.admits(this.#page.offered);
    const asked = look === LOOK.all ? evaluator : this.#askedBy(look);
    if (asked === null) return this.#page.drop('agent_shed', 1);
    const isTimed = guard.begin(look);
    const outcome = this.#look(source, asked);
    if (isTimed) guard.end();
    return outcome;
  }

  /** Who is asked of an event that the CPU does not suffice to ask all of; null: nobody. */
  #askedBy(look: Look): StreamEvaluator | null {
    const standing = look === LOOK.standing ? this.#standing : null;
    if (standing !== null && standing !== this.#evaluator) this.#page.shedAdHoc++;
    return standing;
  }

  #look(source: Publishable, evaluator: StreamEvaluator): PublishOutcome {
    try {
      const event = (typeof source === 'function' ? source() : source) as Event;
      if (typeof event !== 'object' || event === null) return this.#page.drop('malformed', 1);
      if (this.#learnDue) this.#learn(event);
      const mask = this.#mask;
      return this.#evaluate(mask === null ? event : mask.apply(event), evaluator);
    } catch {
      // Only the publisher's own getters and functions can throw; it must not hear of it.
      return this.#page.drop('malformed', 1);
    }
  }

  #evaluate(event: Event, evaluator: StreamEvaluator): PublishOutcome {
    const { row } = evaluator;
    const times = this.#times;
    const isAggregated = this.#tables.some;
    // Reading the clock costs more than most filters: it waits until somebody wants the event.
    const isTimed = isAggregated || evaluator.readsClock;
    if (isTimed) times.stamp(row, event);
    if (isAggregated && this.#tables.isFuture(times.aheadMs)) {
      return this.#judgeFuture(event, evaluator);
    }
    const looked = evaluator.look(event, this.#page.offered);
    if (isAggregated && this.#tables.mayHaveNews) this.#sealIfDue(row);
    if ((looked & LOOKED.wanted) !== 0) {
      if (!isTimed) times.stamp(row, event);
      return this.#append(event, row.timeMs);
    }
    if ((looked & LOOKED.aggregated) !== 0) {
      this.#page.aggregated++;
      return 'accepted';
    }
    return this.#page.leaveOut((looked & LOOKED.filtered) !== 0 ? 'filtered' : 'sampled');
  }

  /** No table takes an event that is so far ahead. */
  #judgeFuture(event: Event, evaluator: StreamEvaluator): PublishOutcome {
    const { row } = evaluator;
    this.#tables.loseFuture();
    evaluator.begin(event);
    const isWanted = evaluator.ships && evaluator.judge(this.#page.offered) === 'wanted';
    return isWanted ? this.#append(event, row.timeMs) : this.#page.leaveOut('filtered');
  }

  #sealIfDue(row: RowContext): void {
    if (!this.#tables.hasNews(row, this.#times.promisedMs)) return;
    if (this.#tables.isFull) this.sealPartials(Infinity);
    this.#around.onWork();
  }

  #append(event: Event, timeMs: number): PublishOutcome {
    const { outbox } = this.#around;
    const refusal = outbox.refusal(this.#page.offered);
    if (refusal !== null) return this.#page.drop(refusal, 1);
    const builder = this.#builder as CellBatchBuilder;
    let outcome = builder.append(event, timeMs);
    if (outcome === 'full') {
      this.seal();
      this.#around.onWork();
      outcome = builder.append(event, timeMs);
    }
    if (outcome !== 'added') {
      return this.#page.drop(outcome === 'malformed' ? 'malformed' : 'oversize', 1);
    }
    if (timeMs < this.#oldestMs) this.#oldestMs = timeMs;
    this.#built(builder.bytes);
    if (builder.rows >= this.#around.limits.rowsMax || outbox.isDue(builder.bytes, builder.rows)) {
      this.seal();
      this.#around.onWork();
    } else if (builder.rows === 1) {
      this.#builtSinceMs = this.#around.clock.now();
      this.#around.onWork();
    }
    return 'accepted';
  }

  /** The batch that is being built takes so many bytes now. */
  #built(bytes: number): void {
    this.#around.outbox.building += bytes - this.#builtBytes;
    this.#builtBytes = bytes;
  }

  #learn(event: object): void {
    this.#learnDue = false;
    try {
      this.#catalogue.learn(event);
    } catch {
      // A getter of the publisher threw; its stream is simply not described.
      return;
    }
  }
}
