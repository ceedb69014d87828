/**
 * nginx `log_format` texts, and Apache's common and combined formats written the same way, into
 * line parsers. Variables become fields under plain names; `$request` is taken apart into method,
 * path and protocol. The event's time is `$msec` where the format has it, else `$time_iso8601`,
 * else `$time_local`; it stands in `time` as milliseconds since 1970.
 * @see https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
 */
import type { Event, Value } from '../../src/model/value.ts';
import { setOwn } from '../../src/translate/own-property.ts';
import { eventTimeMs } from '../../src/wire/event-time.ts';
import { parseClfTime } from './clf-time.ts';
import type { LineParser } from './contract.ts';

/** Field names where they differ from the variable's; a map, for variables have any name. */
const FIELD_NAMES: ReadonlyMap<string, string> = new Map([
  ['body_bytes_sent', 'bytes'],
  ['http_referer', 'referer'],
  ['http_user_agent', 'user_agent'],
  ['http_host', 'host'],
]);

/** Variables whose values are numbers; `-` is null. */
const NUMBERS = new Set([
  'status',
  'body_bytes_sent',
  'bytes_sent',
  'request_length',
  'request_time',
  'upstream_response_time',
  'upstream_connect_time',
  'upstream_header_time',
  'upstream_status',
  'connection',
  'connection_requests',
  'server_port',
  'remote_port',
  'gzip_ratio',
]);

/** Best source of the event's time first. */
const TIMES: readonly TimeSource[] = [
  { variable: 'msec', stepMs: 1, read: (text) => eventTimeMs(Number(text)) },
  { variable: 'time_iso8601', stepMs: 1_000, read: eventTimeMs },
  { variable: 'time_local', stepMs: 1_000, read: parseClfTime },
];

interface TimeSource {
  readonly variable: string;
  readonly stepMs: number;
  readonly read: (text: string) => number | null;
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g;
const REQUEST = /^(\S+) (\S+)(?: (HTTP\/[\d.]+))?$/;
const METACHARACTER = /[.*+?^${}()|[\]\\/]/g;

/** Null: two variables with nothing between them, which no line can be split by. */
export function logFormatParser(name: string, format: string): LineParser | null {
  const pieces = splitFormat(format);
  if (pieces === null) return null;
  const { pattern, variables } = pieces;
  const time = TIMES.find(({ variable }) => variables.includes(variable)) ?? null;
  const set = variables.map((variable) => fieldSetter(variable, time));
  return {
    name,
    timeField: time === null ? null : 'time',
    timeStepMs: time?.stepMs ?? 1,
    parse: (line) => {
      const match = pattern.exec(line);
      if (match === null) return null;
      const event: Record<string, Value> = {};
      for (let i = 0; i < set.length; i++) {
        if (set[i]?.(event, match[i + 1] as string) === false) return null;
      }
      return event satisfies Event;
    },
  };
}

/** False: the text cannot stand for that variable, so the line is of another format. */
type FieldSetter = (event: Record<string, Value>, text: string) => boolean;

function fieldSetter(variable: string, time: TimeSource | null): FieldSetter {
  if (variable === time?.variable) {
    return (event, text) => {
      event['time'] = time.read(text);
      return event['time'] !== null;
    };
  }
  if (TIMES.some((source) => source.variable === variable)) return () => true;
  if (variable === 'request') return setRequest;
  const field = FIELD_NAMES.get(variable) ?? variable;
  if (NUMBERS.has(variable)) return numberSetter(field);
  return (event, text) => {
    setOwn(event, field, text === '-' ? null : unescaped(text));
    return true;
  };
}

function numberSetter(field: string): FieldSetter {
  return (event, text) => {
    // Several upstreams are told as `0.01, 0.02`; the last one answered.
    const last = text.slice(text.lastIndexOf(' ') + 1);
    const value = last === '-' || last === '' ? null : Number(last);
    event[field] = value;
    return value === null || Number.isFinite(value);
  };
}

function setRequest(event: Record<string, Value>, text: string): boolean {
  const parts = REQUEST.exec(unescaped(text));
  event['method'] = parts?.[1] ?? null;
  event['path'] = parts?.[2] ?? null;
  event['protocol'] = parts?.[3] ?? null;
  // What is no request line at all (a port scan, a TLS hello) is kept as it came.
  if (parts === null) event['request'] = text;
  return true;
}

/** Literal text of the format as it is, variables as runs without the character that ends them. */
function splitFormat(
  format: string,
): { readonly pattern: RegExp; readonly variables: readonly string[] } | null {
  const variables: string[] = [];
  let source = '';
  let from = 0;
  const found = [...format.matchAll(VARIABLE)];
  for (const [i, match] of found.entries()) {
    const end = match.index + match[0].length;
    const next = found[i + 1];
    const after = format.slice(end, next?.index ?? format.length);
    if (after === '' && next !== undefined) return null;
    source += escaped(format.slice(from, match.index));
    source += captureUntil(after[0]);
    variables.push(match[1] ?? (match[2] as string));
    from = end;
  }
  source += escaped(format.slice(from));
  return { pattern: new RegExp(`^${source}$`), variables };
}

/** In quotes, a backslash takes the next character with it, as Apache writes quotes. */
function captureUntil(stop: string | undefined): string {
  if (stop === undefined) return '(.*)';
  if (stop === '"') return '((?:[^"\\\\]|\\\\.)*)';
  // A list of upstream times has blanks behind its commas.
  if (stop === ' ') return '([^ ]*(?:, [^ ]+)*)';
  return `([^${escaped(stop)}]*)`;
}

function escaped(text: string): string {
  return text.replaceAll(METACHARACTER, String.raw`\$&`);
}

const ESCAPE = /\\(?:x([0-9A-Fa-f]{2})|(["\\]))/g;

/** `\xHH` (nginx and Apache), `\"` and `\\` (Apache); bytes above 0x7F are taken as Latin-1. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(ESCAPE, (_all, hex: string | undefined, character: string | undefined) =>
    hex === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
