/**
 * One message of syslog as an event: RFC 5424, and RFC 3164 with all that calls itself so. What
 * follows neither is a message all the same, as RFC 3164 has it: it stands in `message` whole.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5424
 * @see https://www.rfc-editor.org/rfc/rfc3164
 */
import type { Event, Value, ValueObject } from '../model/value.ts';
import { eventTimeMs } from '../wire/event-time.ts';
import { setOwn } from './own-property.ts';

const SEVERITIES = [
  ...['emergency', 'alert', 'critical', 'error'],
  ...['warning', 'notice', 'info', 'debug'],
];
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news'],
  ...['uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit', 'alert', 'clock'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
/** user.notice, for messages that do not say. */
const PRIORITY_DEFAULT = 13;
const PRIORITY_MAX = 191;

const PRIORITY = /^<(\d{1,3})>/;
/** Version, time, host, app, process and message id, each one word or a dash. */
const HEAD_5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) /;
const TIME_3164 = /^([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))? /;
const TIME_ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})) /;
const HOST_3164 = /^([\w.:-]{1,255}) /;
const TAG_3164 = /^([\w./@-]{1,48})(?:\[([^\]\s]{1,32})\])?:? ?/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_YEAR_MS = 183 * 86_400_000;

interface Parsed {
  readonly format: 'rfc5424' | 'rfc3164' | 'plain';
  readonly sent: number | null;
  readonly host: string | null;
  readonly app: string | null;
  readonly pid: string | null;
  readonly messageId: string | null;
  readonly data: ValueObject | null;
  readonly message: string;
}

/** `peer`: who sent it, for messages that do not name their host. `nowMs` settles the year. */
export function syslogEvent(text: string, peer: string, nowMs: number): Event {
  const said = Number(PRIORITY.exec(text)?.[1] ?? PRIORITY_MAX + 1);
  const hasPriority = said <= PRIORITY_MAX;
  const priority = hasPriority ? said : PRIORITY_DEFAULT;
  const rest = hasPriority ? text.slice(text.indexOf('>') + 1) : text;
  const parsed = (hasPriority ? from5424(rest) : null) ?? from3164(rest, nowMs);
  return {
    sent: parsed.sent,
    facility: FACILITIES[priority >> 3] ?? null,
    severity: SEVERITIES[priority & 7] ?? null,
    priority,
    host: parsed.host ?? peer,
    app: parsed.app,
    pid: parsed.pid,
    message_id: parsed.messageId,
    message: parsed.message,
    data: parsed.data,
    format: parsed.format,
    peer,
  };
}

function from5424(text: string): Parsed | null {
  const head = HEAD_5424.exec(text);
  if (head === null) return null;
  const [whole, time = '', host = '', app = '', pid = '', messageId = ''] = head;
  const data = dataFrom(text, whole.length);
  if (data === null) return null;
  const message = text.slice(data.end);
  return {
    format: 'rfc5424',
    sent: wordOf(time) === null ? null : eventTimeMs(time),
    host: wordOf(host),
    app: wordOf(app),
    pid: wordOf(pid),
    messageId: wordOf(messageId),
    data: data.elements,
    // One blank parts the message from what is before, and rsyslog has another in what it relays;
    // a byte order mark says that the text is UTF-8.
    message: message.replace(/^ {1,2}/, '').replace(/^\uFEFF/, ''),
  };
}

/** A dash stands for nothing. */
function wordOf(text: string): string | null {
  return text === '-' ? null : text;
}

/** `[id a="1"][id2 b="x\"y"]`, or a dash; null: neither. */
function dataFrom(
  text: string,
  start: number,
): { readonly elements: ValueObject | null; readonly end: number } | null {
  if (text[start] === '-') return { elements: null, end: start + 1 };
  const elements: Record<string, Value> = {};
  let at = start;
  while (text[at] === '[') {
    ELEMENT.lastIndex = at;
    const match = ELEMENT.exec(text);
    if (match === null) return null;
    const [whole, id = '', params = ''] = match;
    const values: Record<string, Value> = {};
    for (const [, name = '', value = ''] of params.matchAll(PARAM)) {
      setOwn(values, name, value.replaceAll(/\\(["\\\]])/g, '$1'));
    }
    setOwn(elements, id, values);
    at += whole.length;
  }
  return at === start ? null : { elements, end: at };
}

/** No text fits these in two ways, so that they are linear. */
const ELEMENT = /\[([^\s="\]]{1,32})((?: [^\s="\]]{1,32}="(?:[^"\\\]]|\\[^])*")*)\]/y;
const PARAM = / ([^\s="\]]{1,32})="((?:[^"\\\]]|\\[^])*)"/g;

function from3164(text: string, nowMs: number): Parsed {
  const time = timeFrom(text, nowMs);
  const nothing = { host: null, app: null, pid: null, messageId: null, data: null } as const;
  if (time === null) return { format: 'plain', sent: null, ...nothing, message: text };
  let rest = text.slice(time.length);
  const host = HOST_3164.exec(rest);
  // A word with a colon behind it is no host but the name of a program.
  const isHost = host !== null && !(host[1] ?? '').endsWith(':');
  if (isHost) rest = rest.slice(host[0].length);
  const tag = TAG_3164.exec(rest);
  const isTag = tag !== null && tag[0].includes(':');
  return {
    ...nothing,
    format: 'rfc3164',
    sent: time.ms,
    host: isHost ? (host[1] ?? null) : null,
    app: isTag ? (tag[1] ?? null) : null,
    pid: isTag ? (tag[2] ?? null) : null,
    message: isTag ? rest.slice(tag[0].length) : rest,
  };
}

/** The time at the beginning, and how much of the text it takes; null: there is none. */
function timeFrom(
  text: string,
  nowMs: number,
): { readonly ms: number | null; readonly length: number } | null {
  const iso = TIME_ISO.exec(text);
  if (iso !== null) return { ms: eventTimeMs(iso[1]), length: iso[0].length };
  const match = TIME_3164.exec(text);
  if (match === null) return null;
  const [whole, month = '', day = '', hour = '', minute = '', second = ''] = match;
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex < 0) return null;
  const of = (year: number): number =>
    Date.UTC(year, monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  const year = new Date(nowMs).getUTCFullYear();
  // It says no year: the one that brings it nearest to now.
  const ms = [of(year), of(year - 1), of(year + 1)].find(
    (at) => Math.abs(at - nowMs) <= HALF_YEAR_MS,
  );
  return { ms: ms ?? of(year), length: whole.length };
}
