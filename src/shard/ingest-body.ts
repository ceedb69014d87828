/**
 * Request bodies into events: NDJSON line by line, one JSON array, or what others send. A bad line
 * is reported with its number and does not take the others with it.
 */
import type { Config } from '../config.ts';
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { isObject } from '../model/value.ts';
import type { Event, Value } from '../model/value.ts';
import { readOtlp } from '../translate/otlp.ts';
import { readRemoteWrite } from '../translate/remote-write.ts';
import { readStatsd } from '../translate/statsd.ts';
import { readSyslog } from '../translate/syslog-frames.ts';
import type { LineError, Translated } from '../translate/translated.ts';
import type { ForeignFormat, IngestRequest } from './messages.ts';

const decoder = new TextDecoder('utf-8', { fatal: false });

export function readBody(
  { body, format }: IngestRequest,
  config: Config,
  nowMs: number,
): Translated {
  if (typeof format !== 'string') {
    const read = readForeign(body, format, { depthMax: config.depthMax, nowMs });
    return read.ok ? read.value : refused(read.error);
  }
  const text = decoder.decode(body);
  return format === 'json' ? readArray(text, config) : readLines(text, config);
}

function readForeign(
  body: Uint8Array,
  format: ForeignFormat,
  { depthMax, nowMs }: { readonly depthMax: number; readonly nowMs: number },
): Result<Translated, string> {
  switch (format.kind) {
    case 'otlp':
      return readOtlp(body, { ...format, depthMax });
    case 'remote-write':
      return readRemoteWrite(body, format.version);
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

function readArray(text: string, config: Config): Translated {
  const parsed = parseJson(text);
  if (parsed.fault !== null) return refused(parsed.fault);
  const list = Array.isArray(parsed.value) ? (parsed.value as Value[]) : [parsed.value];
  const events: Event[] = [];
  const lines: number[] = [];
  const errors: LineError[] = [];
  for (const [index, value] of list.entries()) {
    const fault = faultOf(value, config);
    if (fault !== null) errors.push({ line: index + 1, message: fault });
    else {
      events.push(value as Event);
      lines.push(index + 1);
    }
  }
  return { events, lines, errors };
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
