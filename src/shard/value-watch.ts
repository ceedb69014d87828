/**
 * Remembers a few values of each field of each stream, as suggestions for people who write queries.
 * Only what reached the engine anyway is looked at, a few events a second; of what has a secret's
 * name, of long texts, lists and objects nothing is kept. Every bound is a setting; 0 values a
 * field turn it off. What is new is taken once.
 */
import type { Config } from '../config.ts';
import type { EventBatch } from '../model/batch.ts';
import type { Event, Value } from '../model/value.ts';
import { isSecretName } from '../observe/secrets.ts';
import { cellReader } from '../wire/cell-reader.ts';

const LOOK_EVERY_MS = 1_000;
const EVENTS_A_LOOK = 4;

export type FieldValue = string | number | boolean;

export interface StreamValues {
  readonly stream: string;
  /** Only fields with new values; all values that are known of them. */
  readonly fields: readonly FieldValues[];
}

export interface FieldValues {
  readonly name: string;
  readonly values: readonly FieldValue[];
}

type Bounds = Pick<
  Config,
  'streamsMax' | 'catalogueFieldsMax' | 'fieldValuesMax' | 'fieldValueLengthMax'
>;

interface WatchedStream {
  readonly fields: Map<string, Set<FieldValue>>;
  readonly news: Set<string>;
  nextLookMs: number;
}

export class ValueWatch {
  readonly #bounds: Bounds;
  readonly #streams = new Map<string, WatchedStream>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  events(name: string, events: readonly Event[], nowMs: number): void {
    const stream = this.#due(name, nowMs);
    if (stream === null) return;
    for (const event of events.slice(0, EVENTS_A_LOOK)) {
      for (const field of Object.keys(event)) this.#meet(stream, field, event[field] ?? null);
    }
  }

  /** Of the fields that some query reads, which are all that a batch of an agent holds. */
  batch(batch: EventBatch, nowMs: number): void {
    const stream = this.#due(batch.stream, nowMs);
    if (stream === null) return;
    batch.fields.forEach(({ text }, index) => {
      const read = cellReader(batch.column(index));
      const rows = Math.min(batch.rows, EVENTS_A_LOOK);
      for (let row = 0; row < rows; row++) this.#meet(stream, text, read(row));
    });
  }

  take(): StreamValues[] {
    const taken: StreamValues[] = [];
    for (const [stream, { fields, news }] of this.#streams) {
      if (news.size === 0) continue;
      const names = [...news];
      news.clear();
      const valuesOf = (name: string): FieldValues => ({
        name,
        values: [...(fields.get(name) ?? [])],
      });
      taken.push({ stream, fields: names.map(valuesOf) });
    }
    return taken;
  }

  #due(name: string, nowMs: number): WatchedStream | null {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      const { fieldValuesMax, streamsMax } = this.#bounds;
      if (fieldValuesMax === 0 || this.#streams.size >= streamsMax) return null;
      stream = { fields: new Map(), news: new Set(), nextLookMs: -Infinity };
      this.#streams.set(name, stream);
    }
    if (nowMs < stream.nextLookMs) return null;
    stream.nextLookMs = nowMs + LOOK_EVERY_MS;
    return stream;
  }

  #meet(stream: WatchedStream, field: string, value: Value): void {
    const { catalogueFieldsMax, fieldValuesMax, fieldValueLengthMax } = this.#bounds;
    if (value === null || typeof value === 'object') return;
    if (typeof value === 'string' && value.length > fieldValueLengthMax) return;
    let values = stream.fields.get(field);
    if (values === undefined) {
      if (stream.fields.size >= catalogueFieldsMax || isSecretPath(field)) return;
      values = new Set();
      stream.fields.set(field, values);
    }
    if (values.size >= fieldValuesMax || values.has(value)) return;
    values.add(value);
    stream.news.add(field);
  }
}

/** Whether any part of a path is called like a secret: `user.password`, `headers['set-cookie']`. */
function isSecretPath(text: string): boolean {
  return isSecretName(text) || text.split(/[^\w-]+/).some(isSecretName);
}
