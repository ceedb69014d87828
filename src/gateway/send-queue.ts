/**
 * What waits for one client. While its socket takes data, messages pass straight through at the
 * next flush. While it does not:
 *  1. newer progress and newer answers for the same window replace those that wait (conflation);
 *  2. above `bytesMax` answers are dropped, provisional ones first and the oldest first, down to
 *     half; each subscription then hears `drop {reason: slow_client, count}` before anything else;
 *  3. when that has gone on for `slowMs`, or what may not be dropped alone is too much, the client
 *     is given up.
 * An answer in several parts is dropped whole: a client starts anew at part 0 and applies an answer
 * only at `last`, so it never sees half of one.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';
import type { RowsMessage } from '../wire/results.ts';

export interface SendQueueOptions {
  readonly bytesMax: number;
  readonly slowMs: number;
  readonly counters: SendCounters;
}

/** Shared by all clients of a gateway. */
export interface SendCounters {
  conflated: number;
  dropped: number;
  slowClients: number;
}

export interface QueuedMessage {
  readonly sub: string;
  readonly effect: DeliverEffect;
}

interface Entry extends QueuedMessage {
  /** Messages with the same key replace each other; null: each counts for itself. */
  readonly key: string | null;
  isDead: boolean;
}

/** Around a message on the wire: head, framing. */
const OVERHEAD_BYTES = 64;

/** Replaced entries that may stand in the list before it is worth copying it. */
const DEAD_MAX = 64;

export class SendQueue {
  readonly #options: SendQueueOptions;
  #entries: Entry[] = [];
  #bytes = 0;
  /** Entries that were replaced but still stand in the list. */
  #dead = 0;
  readonly #latest = new Map<string, Entry[]>();
  readonly #drops = new Map<string, number>();
  /** Answers whose first parts were dropped while later ones were still to come, by key. */
  readonly #shedding = new Set<string>();
  #sheddingSinceMs: number | null = null;

  constructor(options: SendQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0 && this.#drops.size === 0;
  }

  /** In UTF-16 units, which is close enough to bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns whether the client has to be given up. */
  push(sub: string, effect: DeliverEffect, nowMs: number): boolean {
    const key = keyOf(sub, effect);
    if (key !== null) {
      if (this.#isLeftover(key, effect)) return this.#isHopeless(nowMs);
      if (isFirstPart(effect)) this.#conflate(key);
    }
    const entry: Entry = { sub, effect, key, isDead: false };
    this.#entries.push(entry);
    this.#bytes += sizeOf(entry);
    if (key !== null) this.#remember(key, entry);
    if (this.#bytes > this.#options.bytesMax) this.#shed(nowMs);
    return this.#isHopeless(nowMs);
  }

  /** Empties the queue. `drops` are to be told first. */
  take(): { readonly messages: QueuedMessage[]; readonly drops: ReadonlyMap<string, number> } {
    this.#compact();
    const messages = this.#entries;
    const drops = new Map(this.#drops);
    this.#entries = [];
    this.#bytes = 0;
    this.#latest.clear();
    this.#drops.clear();
    this.#sheddingSinceMs = null;
    return { messages, drops };
  }

  /** The subscription is over: its name may be used again. */
  forget(sub: string): void {
    for (const entry of this.#entries) if (entry.sub === sub) this.#kill(entry);
    this.#compact();
    this.#drops.delete(sub);
    const prefix = keyPrefix(sub);
    for (const key of this.#latest.keys()) if (key.startsWith(prefix)) this.#latest.delete(key);
    for (const key of this.#shedding) if (key.startsWith(prefix)) this.#shedding.delete(key);
  }

  #remember(key: string, entry: Entry): void {
    const waiting = this.#latest.get(key);
    if (waiting === undefined) this.#latest.set(key, [entry]);
    else waiting.push(entry);
  }

  /** Later parts of an answer whose beginning was dropped. */
  #isLeftover(key: string, effect: DeliverEffect): boolean {
    if (!this.#shedding.has(key)) return false;
    const isNew = isFirstPart(effect);
    if (isNew || isLastPart(effect)) this.#shedding.delete(key);
    return !isNew;
  }

  #conflate(key: string): void {
    const waiting = this.#latest.get(key);
    if (waiting === undefined) return;
    this.#latest.delete(key);
    for (const entry of waiting) this.#kill(entry);
    this.#options.counters.conflated += waiting.length;
    if (this.#dead > DEAD_MAX && this.#dead * 2 > this.#entries.length) this.#compact();
  }

  #kill(entry: Entry): void {
    if (entry.isDead) return;
    entry.isDead = true;
    this.#bytes -= sizeOf(entry);
    this.#dead++;
  }

  #compact(): void {
    if (this.#dead > 0) this.#entries = this.#entries.filter((entry) => !entry.isDead);
    this.#dead = 0;
  }

  #shed(nowMs: number): void {
    const goal = this.#options.bytesMax / 2;
    for (const isWanted of [isProvisional, isRows]) {
      for (const entry of this.#entries) {
        if (this.#bytes <= goal) break;
        if (!entry.isDead && isWanted(entry.effect)) this.#drop(entry);
      }
    }
    this.#compact();
    this.#sheddingSinceMs ??= nowMs;
  }

  #drop(entry: Entry): void {
    const unit = entry.key === null ? [entry] : (this.#latest.get(entry.key) ?? [entry]);
    if (entry.key !== null) {
      this.#latest.delete(entry.key);
      const end = unit.at(-1);
      if (end !== undefined && !isLastPart(end.effect)) this.#shedding.add(entry.key);
    }
    for (const part of unit) this.#kill(part);
    this.#drops.set(entry.sub, (this.#drops.get(entry.sub) ?? 0) + unit.length);
    this.#options.counters.dropped += unit.length;
  }

  #isHopeless(nowMs: number): boolean {
    if (this.#sheddingSinceMs === null) return false;
    const isTooLong = nowMs - this.#sheddingSinceMs >= this.#options.slowMs;
    return isTooLong || this.#bytes > this.#options.bytesMax;
  }
}

function keyPrefix(sub: string): string {
  return `${sub.length}:${sub}`;
}

function keyOf(sub: string, { message }: DeliverEffect): string | null {
  if (message.type === 'progress') return `${keyPrefix(sub)}p`;
  if (message.type === 'completeness') return `${keyPrefix(sub)}c`;
  if (message.type !== 'rows' || message.append) return null;
  return `${keyPrefix(sub)}w${message.windowStart ?? ''}`;
}

function isFirstPart({ message }: DeliverEffect): boolean {
  return message.type !== 'rows' || message.part === 0;
}

function isLastPart({ message }: DeliverEffect): boolean {
  return message.type !== 'rows' || message.last;
}

function isRows(effect: DeliverEffect): effect is DeliverEffect & { message: RowsMessage } {
  return effect.message.type === 'rows';
}

function isProvisional(effect: DeliverEffect): boolean {
  return isRows(effect) && effect.message.provisional;
}

function sizeOf(entry: Entry): number {
  return entry.effect.body.length + OVERHEAD_BYTES;
}
