/**
 * Request bodies into events: NDJSON line by line, one JSON array, or what others send. A bad line
 * is reported with its number and does not take the others with it.
 */
import type { Config } from '../config.ts';
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { isObject } from '../model/value.ts';
import type { Event, Value } from '../model/value.ts';
import { hasMoreParts } from '../translate/json-parts.ts';
import { readOtlp } from '../translate/otlp.ts';
import { partsFault } from '../translate/protobuf-reader.ts';
import { readRemoteWrite } from '../translate/remote-write.ts';
import { readStatsd } from '../translate/statsd.ts';
import { readSyslog } from '../translate/syslog-frames.ts';
import type { LineError, Translated } from '../translate/translated.ts';
import type { ForeignFormat, IngestRequest } from './messages.ts';

/** Of what is wrong with one body or message, so many are told. */
export const INGEST_ERRORS_MAX = 20;

const decoder = new TextDecoder('utf-8', { fatal: false });

export function readBody(
  { body, format }: IngestRequest,
  config: Config,
  nowMs: number,
): Translated {
  if (typeof format !== 'string') {
    const read = readForeign(body, format, config, nowMs);
    return read.ok ? read.value : refused(read.error);
  }
  if (format === 'json' && hasMoreParts(body, config.bodyPartsMax)) {
    return refused(partsFault(config.bodyPartsMax));
  }
  const text = decoder.decode(body);
  return format === 'json' ? readArray(text, config) : readLines(text, config);
}

function readForeign(
  body: Uint8Array,
  format: ForeignFormat,
  { depthMax, bodyEventsMax: recordsMax, bodyPartsMax: partsMax }: Config,
  nowMs: number,
): Result<Translated, string> {
  switch (format.kind) {
    case 'otlp':
      return readOtlp(body, { ...format, depthMax, recordsMax, partsMax });
    case 'remote-write':
      return readRemoteWrite(body, format.version, { recordsMax, partsMax });
    case 'statsd':
      return ok(readStatsd(body));
    case 'syslog':
      return ok(readSyslog(body, nowMs));
  }
}

/** The body as a whole cannot be read. */
function refused(message: string): Translated {
  return { events: [], lines: [], errors: [{ line: 1, message }] };
}

function readLines(text: string, config: Config): Translated {
  const events: Event[] = [];
  const lines: number[] = [];
  const errors: LineError[] = [];
  let line = 0;
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    line++;
    const piece = text.slice(from, to).trim();
    if (piece.length > 0 && events.length + errors.length === config.bodyEventsMax) {
      return { events, lines, errors, beyond: linesFrom(text, from) };
    }
    from = to + 1;
    if (piece.length === 0) continue;
    if (piece.length > config.lineBytesMax) {
      errors.push({ line, message: `longer than ${config.lineBytesMax} bytes` });
      continue;
    }
    const parsed = parseJson(piece);
    const fault = parsed.fault ?? faultOf(parsed.value, config);
    if (fault !== null) {
      errors.push({ line, message: fault });
      continue;
    }
    events.push(parsed.value as Event);
    lines.push(line);
  }
  return { events, lines, errors };
}

/** Lines with anything on them, from a place on. */
function linesFrom(text: string, start: number): number {
  let count = 0;
  for (let from = start; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    // A line that ends by a carriage return and has nothing else is empty.
    const isEmpty = to === from || (to === from + 1 && text[from] === '\r');
    if (!isEmpty) count++;
    from = to + 1;
  }
  return count;
}

function readArray(text: string, config: Config): Translated {
  const parsed = parseJson(text);
  if (parsed.fault !== null) return refused(parsed.fault);
  const list = Array.isArray(parsed.value) ? (parsed.value as Value[]) : [parsed.value];
  const events: Event[] = [];
  const lines: number[] = [];
  const errors: LineError[] = [];
  const count = Math.min(list.length, config.bodyEventsMax);
  for (let i = 0; i < count; i++) {
    const value = list[i] as Value;
    const fault = faultOf(value, config);
    if (fault !== null) errors.push({ line: i + 1, message: fault });
    else {
      events.push(value as Event);
      lines.push(i + 1);
    }
  }
  return { events, lines, errors, beyond: list.length - count };
}

function parseJson(text: string): { value: Value; fault: null } | { value: null; fault: string } {
  try {
    return { value: JSON.parse(text) as Value, fault: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not JSON';
    return { value: null, fault: `not JSON: ${reason.slice(0, 120)}` };
  }
}

/** Why a value cannot be an event; null: it can. */
export function faultOf(value: Value, config: Config): string | null {
  if (!isObject(value)) return 'an event is a JSON object';
  return isDeeper(value, config.depthMax) ? `nested deeper than ${config.depthMax} levels` : null;
}

/** Without recursion: the value may be nested as deeply as JSON.parse allows. */
function isDeeper(value: Value, levels: number): boolean {
  let level: Value[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    const next: Value[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const child of Object.values(item)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
  return false;
}
