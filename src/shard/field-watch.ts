/**
 * Learns which fields a stream carries by looking at a few events a second: names and types, never
 * values. What is new is taken once.
 */
import type { Event, Value } from '../model/value.ts';

const LOOK_EVERY_MS = 1_000;
const EVENTS_A_LOOK = 4;

export interface FieldNews {
  readonly name: string;
  readonly type: string;
}

export class FieldWatch {
  readonly #fieldsMax: number;
  readonly #types = new Map<string, string>();
  #news: FieldNews[] = [];
  #nextLookMs = -Infinity;

  constructor(fieldsMax: number) {
    this.#fieldsMax = fieldsMax;
  }

  look(events: readonly Event[], nowMs: number): void {
    if (nowMs < this.#nextLookMs || events.length === 0) return;
    this.#nextLookMs = nowMs + LOOK_EVERY_MS;
    for (const event of events.slice(0, EVENTS_A_LOOK)) {
      for (const [name, value] of Object.entries(event)) this.#meet(name, value);
    }
  }

  take(): FieldNews[] {
    const news = this.#news;
    if (news.length > 0) this.#news = [];
    return news;
  }

  #meet(name: string, value: Value): void {
    const type = typeNameOf(value);
    const known = this.#types.get(name);
    if (type === null || known === type || known === 'mixed') return;
    if (known === undefined && this.#types.size >= this.#fieldsMax) return;
    const met = known === undefined ? type : 'mixed';
    this.#types.set(name, met);
    this.#news.push({ name, type: met });
  }
}

function typeNameOf(value: Value): string | null {
  if (value === null) return null;
  if (Array.isArray(value)) return 'list';
  return typeof value;
}
