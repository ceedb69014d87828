/**
 * The input of `evaluate`: what a caller hands over → events of named streams, each with a time.
 * Nothing is trusted: what is no list, no object or no JSON becomes a diagnostic or null, and
 * getters, cycles and odd types cannot make it throw or run for ever.
 */
import type { FieldCatalogue, CatalogueField } from '../analyze/field-catalogue.ts';
import type { AnalysisCode } from '../analyze/codes.ts';
import { valueType } from '../analyze/infer-type.ts';
import { DEFAULT_STREAM } from '../analyze/source-scope.ts';
import { DEFAULTS } from '../config.ts';
import { parsePath } from '../ir/path-text.ts';
import { readPath } from '../ir/path.ts';
import type { FieldPath } from '../ir/expression.ts';
import { eventTimeMs } from '../wire/event-time.ts';
import type { ReferenceTables } from './reference-join.ts';
import { isObject } from '../model/value.ts';
import type { Event, Value, ValueObject } from '../model/value.ts';

/** One list of events for the stream of FROM, or lists by stream name. */
export type EvaluateEvents = readonly object[] | Readonly<Record<string, readonly object[]>>;

export interface InputEvent {
  readonly stream: string;
  readonly timeMs: number;
  readonly event: Event;
  /** Number in its stream, from 1; left out: as they stand in the list. */
  readonly offered?: number;
}

export interface InputProblem {
  readonly code: AnalysisCode;
  readonly message: string;
  readonly hint?: string;
}

export interface NamedEvent {
  readonly stream: string;
  readonly event: Event;
}

export interface ReadEvents {
  readonly streams: readonly string[];
  readonly events: readonly NamedEvent[];
  /** Events that were left out because they are no objects. */
  readonly refused: number;
  readonly problems: readonly InputProblem[];
}

/** Fields that name an event's time, in the order they are tried. */
const TIME_FIELDS = ['ts', 'timestamp', '@timestamp', 'time'];
/** How deep the catalogue looks into events for names of fields. */
const CATALOGUE_DEPTH_MAX = 4;

/** @param streams Names that a bare list stands for: the sources of the query. */
export function readEvents(input: unknown, streams: readonly string[]): ReadEvents {
  const problems: InputProblem[] = [];
  if (Array.isArray(input)) {
    const [stream = DEFAULT_STREAM] = streams;
    const events = readList(stream, input, problems);
    return { streams: [stream], events, refused: input.length - events.length, problems };
  }
  if (typeof input !== 'object' || input === null) {
    const message = 'the events are neither a list nor lists by stream name';
    problems.push({ code: 'MQL_BAD_EVENTS', message });
    return { streams: [], events: [], refused: 0, problems };
  }
  const events: NamedEvent[] = [];
  let given = 0;
  const lists = Object.entries(input);
  for (const [stream, list] of lists) {
    if (Array.isArray(list)) {
      given += list.length;
      for (const event of readList(stream, list, problems)) events.push(event);
    } else {
      const message = `the events of stream ${stream} are not a list`;
      problems.push({ code: 'MQL_BAD_EVENTS', message });
    }
  }
  return {
    streams: lists.map(([stream]) => stream),
    events,
    refused: given - events.length,
    problems,
  };
}

function readList(
  stream: string,
  list: readonly unknown[],
  problems: InputProblem[],
): readonly NamedEvent[] {
  const events: NamedEvent[] = [];
  let refused = 0;
  let first = -1;
  for (const [index, item] of list.entries()) {
    const event = readEvent(item);
    if (event !== null) events.push({ stream, event });
    else if (refused++ === 0) first = index;
  }
  if (refused > 0) {
    const others = refused === 1 ? '' : `, and ${refused - 1} more`;
    const message = `event ${first} of stream ${stream} is not an object${others}`;
    problems.push({ code: 'MQL_BAD_EVENT', message });
  }
  return events;
}

/** Null: it is no object. */
export function readEvent(item: unknown): Event | null {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  try {
    const event = toValue(item, new Map(), 0);
    return isObject(event) ? event : null;
  } catch {
    // A getter or proxy threw: whatever this is, it is not data.
    return null;
  }
}

/** @param seen Converted objects, so that shared parts are converted once; null while open. */
function toValue(item: unknown, seen: Map<object, Value>, depth: number): Value {
  switch (typeof item) {
    case 'string':
    case 'boolean':
      return item;
    case 'number':
      return Number.isFinite(item) ? item : null;
    case 'bigint': {
      const number = Number(item);
      return Number.isSafeInteger(number) ? number : String(item);
    }
    case 'object':
      return item === null ? null : objectToValue(item, seen, depth);
    default:
      return null;
  }
}

function objectToValue(item: object, seen: Map<object, Value>, depth: number): Value {
  const known = seen.get(item);
  if (known !== undefined) return known;
  if (depth >= DEFAULTS.depthMax) return null;
  seen.set(item, null);
  const value = memberValues(item, seen, depth + 1);
  seen.set(item, value);
  return value;
}

function memberValues(item: object, seen: Map<object, Value>, depth: number): Value {
  if (Array.isArray(item)) return item.map((member: unknown) => toValue(member, seen, depth));
  if (item instanceof Date) {
    return Number.isNaN(item.getTime()) ? null : item.toISOString();
  }
  return Object.fromEntries(
    Object.entries(item).map(([key, member]) => [key, toValue(member, seen, depth)]),
  );
}

export interface TimedEvents {
  readonly events: readonly InputEvent[];
  readonly problems: readonly InputProblem[];
}

/**
 * Gives every event its time: field `time` if named, else the first of {@link TIME_FIELDS} that
 * every event carries, else `now` for all. Keeps the order of the events.
 */
export function timeEvents(
  events: readonly NamedEvent[],
  time: string | undefined,
  now: number,
): TimedEvents {
  const problems: InputProblem[] = [];
  const path = timePath(events, time, problems);
  let unreadable = 0;
  const timed = events.map(({ stream, event }): InputEvent => {
    const timeMs = path === null ? now : timeOf(event, path);
    if (timeMs === null) unreadable += 1;
    return { stream, event, timeMs: timeMs ?? now };
  });
  if (unreadable > 0) {
    const who = unreadable === 1 ? 'one event has' : `${unreadable} events have`;
    const message = `${who} no readable time in ${time ?? 'the time field'}`;
    problems.push({ code: 'MQL_BAD_TIME', message });
  }
  return { events: timed, problems };
}

function timePath(
  events: readonly NamedEvent[],
  time: string | undefined,
  problems: InputProblem[],
): FieldPath | null {
  if (time !== undefined) {
    const path = parsePath(time);
    if (path.ok && path.value.length > 0) return path.value;
    problems.push({ code: 'MQL_BAD_EVENTS', message: `\`${time}\` is not a field path` });
    return null;
  }
  if (events.length === 0) return null;
  for (const field of TIME_FIELDS) {
    const path: FieldPath = [{ by: 'key', key: field }];
    if (events.every(({ event }) => timeOf(event, path) !== null)) return path;
  }
  return null;
}

function timeOf(event: Event, path: FieldPath): number | null {
  const time = eventTimeMs(readPath(event, path));
  return time === null ? null : Math.floor(time);
}

/** What the events and tables themselves say of names, for did-you-mean. */
export function catalogueOf(input: ReadEvents, tables: ReferenceTables): FieldCatalogue {
  const byStream = new Map<string, Map<string, CatalogueField>>();
  for (const { stream, event } of input.events) {
    let fields = byStream.get(stream);
    if (fields === undefined) byStream.set(stream, (fields = new Map()));
    addFields(event, '', fields, 1);
  }
  return {
    streams: () => input.streams,
    fields: (stream) => [...(byStream.get(stream)?.values() ?? [])],
    tables: () => [...tables.keys()],
    table: (name) => {
      const table = tables.get(name);
      if (table === undefined) return null;
      const fields = new Map<string, CatalogueField>();
      for (const row of table.rows) addFields(row, '', fields, 1);
      return { keyColumn: table.keyColumn, fields: [...fields.values()] };
    },
  };
}

function addFields(
  object: ValueObject,
  prefix: string,
  fields: Map<string, CatalogueField>,
  depth: number,
): void {
  for (const [key, value] of Object.entries(object)) {
    if (fields.size >= DEFAULTS.catalogueFieldsMax) return;
    const name = prefix + key;
    const type = valueType(value);
    const known = fields.get(name);
    if (known === undefined || known.type !== type) {
      fields.set(name, { name, type: known === undefined ? type : 'any' });
    }
    if (depth < CATALOGUE_DEPTH_MAX && isObject(value))
      addFields(value, `${name}.`, fields, depth + 1);
  }
}
