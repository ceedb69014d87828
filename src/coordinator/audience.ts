/**
 * Everybody who reads one pipeline: hands messages on, keeps the ring of recent results, replays
 * and resumes, and ends a subscription when its own LIMIT is spent. A message is encoded once and
 * shared; only subscriptions with a LIMIT get bodies of their own.
 */
import type { Config } from '../config.ts';
import type { ValueObject } from '../model/value.ts';
import type { Completeness, ResultMessage, RowsMessage, SchemaMessage } from '../wire/results.ts';
import type { ClientRows } from './client-rows.ts';
import type { CoordinatorEffect, SubscribeInput } from './messages.ts';
import { Readers } from './readers.ts';
import { ResultRing, messageOf } from './result-ring.ts';
import type { RingSpace } from './ring-space.ts';
import { encodeRows } from './rows-message.ts';
import type { Subscription } from './subscription.ts';

export interface Emission {
  /** Null: rows as they come, or a running value. */
  readonly window: { readonly startMs: number; readonly endMs: number } | null;
  readonly revision: number;
  readonly provisional: boolean;
  readonly completeness: Completeness;
}

export class Audience {
  /** Since when nobody reads; null while somebody does. */
  idleSinceMs: number | null = null;
  readonly #ring: ResultRing;
  readonly #emit: (effect: CoordinatorEffect) => void;
  readonly #readers: Readers;

  constructor(
    incarnation: string,
    config: Config,
    parts: {
      readonly emit: (effect: CoordinatorEffect) => void;
      readonly clientRows: ClientRows;
      readonly ringSpace: RingSpace;
    },
  ) {
    this.#emit = parts.emit;
    this.#readers = new Readers(parts.clientRows);
    this.#ring = new ResultRing({
      incarnation,
      entriesMax: config.windowsKept,
      bytesMax: config.resultBytesKept,
      space: parts.ringSpace,
    });
  }

  /** Recent results, oldest first: what a new subscriber would be told. */
  recent(): readonly RowsMessage[] {
    return this.#ring.all().map(messageOf);
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#readers.byId;
  }

  /** Who has read it longest of those who do; null: nobody does. */
  get firstClient(): string | null {
    return this.#readers.firstClient;
  }

  ids(): readonly string[] {
    return this.#readers.ids;
  }

  /** Schema first, then what the client missed, or the newest results if it wants them. */
  join(
    subscription: Subscription,
    schema: SchemaMessage,
    { resume, kept: wantsKept = true }: Pick<SubscribeInput, 'resume' | 'kept'>,
  ): void {
    this.#readers.join(subscription);
    this.idleSinceMs = null;
    this.tell([subscription.id], null, schema);
    if (subscription.running !== null) return;
    const after = resume === null ? null : this.#ring.after(resume);
    if (resume !== null && after === null) this.#tellGap(subscription.id, resume);
    const newest = wantsKept || resume !== null ? this.#ring.all() : [];
    for (const kept of after ?? newest) {
      const told = messageOf(kept);
      const rows = take(subscription, told.rows);
      const message: RowsMessage = { ...told, replay: true, rows };
      this.tell([subscription.id], this.#ring.id(kept.counter), message);
      if (this.#endIfSpent(subscription)) return;
    }
  }

  leave(id: string, nowMs: number): void {
    if (this.#readers.leave(id) && this.subscriptions.size === 0) this.idleSinceMs = nowMs;
  }

  /** A reader that is no subscription has left: if there is none either, nobody reads. */
  leftAlone(nowMs: number): void {
    if (this.subscriptions.size === 0) this.idleSinceMs = nowMs;
  }

  /** Tells every subscription that it is over, and why. */
  end(reason: string): void {
    const ids = this.ids();
    if (ids.length > 0) this.tell(ids, null, { type: 'end', reason });
    for (const subscription of ids) this.#emit({ type: 'closed', subscription });
    this.#readers.clear();
  }

  /** The pipeline is over, and nobody comes back for what it said. */
  close(): void {
    this.#ring.close();
  }

  /** Rows for everybody. Provisional ones are not kept, have no id and do not spend a LIMIT. */
  rows(rows: readonly ValueObject[], how: Emission): void {
    const nowMs = how.completeness.emittedAt;
    const { shared, limited, refused } = this.#readers.admit(rows.length, nowMs);
    if (refused.length > 0) {
      const count = rows.length;
      this.tell(refused, null, { type: 'drop', reason: 'client-rows-per-second', count });
    }
    for (const { message, body } of encodeRows(headFrom(how, how.window === null), rows)) {
      const id = how.provisional ? null : this.#ring.push(body);
      if (shared.length > 0) this.#deliver(shared, id, message, body);
      for (const subscription of limited) {
        if (subscription.remaining === 0) continue;
        if (how.provisional) {
          this.#deliver([subscription.id], id, message, body);
          continue;
        }
        this.tell([subscription.id], id, { ...message, rows: take(subscription, message.rows) });
        this.#endIfSpent(subscription);
      }
    }
  }

  /** The running value of one subscription; replaces the one before. */
  running(subscription: string, rows: readonly ValueObject[], completeness: Completeness): void {
    const how = { window: null, revision: 0, provisional: false, completeness };
    for (const { message, body } of encodeRows(headFrom(how, false), rows)) {
      this.#deliver([subscription], null, message, body);
    }
  }

  tellAll(message: ResultMessage): void {
    const ids = this.ids();
    if (ids.length > 0) this.tell(ids, null, message);
  }

  tell(subscriptions: readonly string[], id: string | null, message: ResultMessage): void {
    this.#deliver(subscriptions, id, message, JSON.stringify(message));
  }

  #tellGap(subscription: string, fromId: string): void {
    const oldest = this.#ring.all()[0];
    this.tell([subscription], null, {
      type: 'gap',
      fromId,
      toId: oldest === undefined ? null : this.#ring.id(oldest.counter),
      fromTime: null,
      toTime: oldest === undefined ? null : messageOf(oldest).windowStart,
      reason: 'resume-too-old',
    });
  }

  #endIfSpent(subscription: Subscription): boolean {
    if (subscription.remaining !== 0) return false;
    this.tell([subscription.id], null, { type: 'end', reason: 'limit' });
    this.#emit({ type: 'closed', subscription: subscription.id });
    return true;
  }

  #deliver(
    subscriptions: readonly string[],
    id: string | null,
    message: ResultMessage,
    body: string,
  ): void {
    this.#emit({ type: 'deliver', subscriptions, id, message, body });
  }
}

/** As many of the rows as the subscription's LIMIT still allows. */
function take(subscription: Subscription, rows: readonly ValueObject[]): readonly ValueObject[] {
  if (subscription.remaining === null) return rows;
  const taken = rows.slice(0, subscription.remaining);
  subscription.remaining -= taken.length;
  return taken;
}

function headFrom(how: Emission, append: boolean): Omit<RowsMessage, 'rows' | 'part' | 'last'> {
  return {
    type: 'rows',
    windowStart: how.window?.startMs ?? null,
    windowEnd: how.window?.endMs ?? null,
    append,
    revision: how.revision,
    provisional: how.provisional,
    replay: false,
    completeness: how.completeness,
  };
}
