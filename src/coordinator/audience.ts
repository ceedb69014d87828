/**
 * Everybody who reads one pipeline: hands messages on, keeps the ring of recent results, replays
 * and resumes, and ends a subscription when its own LIMIT is spent. A message is encoded once and
 * shared; only subscriptions with a LIMIT get bodies of their own.
 */
import type { Config } from '../config.ts';
import type { ValueObject } from '../model/value.ts';
import type { Completeness, ResultMessage, RowsMessage, SchemaMessage } from '../wire/results.ts';
import type { ClientRows } from './client-rows.ts';
import type { CoordinatorEffect } from './messages.ts';
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
  readonly subscriptions = new Map<string, Subscription>();
  /** Since when nobody reads; null while somebody does. */
  idleSinceMs: number | null = null;
  readonly #ring: ResultRing;
  readonly #emit: (effect: CoordinatorEffect) => void;
  readonly #clientRows: ClientRows;

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
    this.#clientRows = parts.clientRows;
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

  ids(): string[] {
    return [...this.subscriptions.keys()];
  }

  /** Schema first, then what the client missed, or the newest results. */
  join(subscription: Subscription, schema: SchemaMessage, resume: string | null): void {
    this.subscriptions.set(subscription.id, subscription);
    this.idleSinceMs = null;
    this.tell([subscription.id], null, schema);
    if (subscription.running !== null) return;
    const after = resume === null ? null : this.#ring.after(resume);
    if (resume !== null && after === null) this.#tellGap(subscription.id, resume);
    for (const kept of after ?? this.#ring.all()) {
      const told = messageOf(kept);
      const rows = take(subscription, told.rows);
      const message: RowsMessage = { ...told, replay: true, rows };
      this.tell([subscription.id], this.#ring.id(kept.counter), message);
      if (this.#endIfSpent(subscription)) return;
    }
  }

  leave(id: string, nowMs: number): void {
    if (this.subscriptions.delete(id) && this.subscriptions.size === 0) this.idleSinceMs = nowMs;
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
    this.subscriptions.clear();
  }

  /** The pipeline is over, and nobody comes back for what it said. */
  close(): void {
    this.#ring.close();
  }

  /** Rows for everybody. Provisional ones are not kept, have no id and do not spend a LIMIT. */
  rows(rows: readonly ValueObject[], how: Emission): void {
    const all = this.#admitted(rows.length, how.completeness.emittedAt);
    const shared = all.filter((s) => s.remaining === null).map((s) => s.id);
    const limited = all.filter((s) => s.remaining !== null);
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

  /** Subscriptions whose clients may get so many rows now; the others hear that they did not. */
  #admitted(rows: number, nowMs: number): Subscription[] {
    const refused: string[] = [];
    const all = [...this.subscriptions.values()].filter(({ id, client }) => {
      const admits = this.#clientRows.admits(client, rows, nowMs);
      if (!admits) refused.push(id);
      return admits;
    });
    if (refused.length > 0) {
      this.tell(refused, null, { type: 'drop', reason: 'client-rows-per-second', count: rows });
    }
    return all;
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
