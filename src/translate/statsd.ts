/**
 * Lines of statsd and DogStatsD as events: metrics with several values, sample rates and tags,
 * events (`_e`) and service checks (`_sc`). A line that is none of these is refused alone.
 *
 * @see https://github.com/statsd/statsd/blob/master/docs/metric_types.md
 * @see https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
 */
import type { Event, Value, ValueObject } from '../model/value.ts';
import { readUtf8 } from '../wire/utf8.ts';
import { setOwn } from './own-property.ts';
import { Translation } from './translated.ts';
import type { Translated } from './translated.ts';

/** A map, for what stands in a line may be the name of anything that objects inherit. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['c', 'counter'],
  ['g', 'gauge'],
  ['ms', 'timing'],
  ['h', 'histogram'],
  ['d', 'distribution'],
  ['s', 'set'],
]);
const CHECKS = ['ok', 'warning', 'critical', 'unknown'];
/** `_e{5,4}:` tells the lengths of title and text. */
const EVENT = /^_e\{(\d{1,6}),(\d{1,6})\}:/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Lines, with a newline between. Empty ones are nothing. */
export function readStatsd(body: Uint8Array): Translated {
  const into = new Translation();
  for (const line of readUtf8(body, 0, body.length).split('\n')) {
    const text = line.trim();
    if (text !== '') readLine(text, into);
  }
  return into;
}

function readLine(line: string, into: Translation): void {
  if (line.startsWith('_e{')) addOne(eventFrom(line), 'not an event: _e{5,4}:title|text', into);
  else if (line.startsWith('_sc|')) addOne(checkFrom(line), 'not a check: _sc|name|0', into);
  else readMetric(line, into);
}

function addOne(event: Event | null, fault: string, into: Translation): void {
  if (event === null) into.refuse(fault);
  else into.add(event);
}

/** `name:1:2|ms|@0.5|#region:eu,canary|c:ci-1|T1700000000` */
function readMetric(line: string, into: Translation): void {
  const [head = '', kind = '', ...extras] = line.split('|');
  const colon = head.indexOf(':');
  const type = TYPES.get(kind);
  if (colon <= 0 || type === undefined) {
    into.refuse('not a metric: name:value|c');
    return;
  }
  const about = extrasFrom(extras);
  const name = head.slice(0, colon);
  for (const said of head.slice(colon + 1).split(':')) {
    const value = type === 'set' ? said : NUMBER.test(said) ? Number(said) : null;
    const isGood = typeof value === 'string' ? value !== '' : Number.isFinite(value);
    if (value === null || !isGood || about === null) {
      into.refuse(about === null ? 'a sample rate is above 0, at most 1' : 'a value is no number');
      continue;
    }
    const { rate, ...rest } = about;
    into.add({ name, type, ...valueFields(type, said, value, rate), ...rest });
  }
}

/** A counter that was sampled stands for more; of other values, `weight` says of how many. */
function valueFields(
  type: string,
  said: string,
  value: number | string,
  rate: number,
): Record<string, Value> {
  if (type === 'counter') return { value: Number(value) / rate };
  if (type === 'set') return { member: value };
  // A sign before the value of a gauge means that it is added to what was there.
  if (type === 'gauge') return { value, is_change: /^[+-]/.test(said) };
  return { value, weight: 1 / rate };
}

interface Extras {
  readonly rate: number;
  readonly sample_rate: number;
  readonly tags: ValueObject | null;
  readonly container: string | null;
  readonly sent: number | null;
}

/** Null: the sample rate is none. What is not known is passed over. */
function extrasFrom(parts: readonly string[]): Extras | null {
  let rate = 1;
  let tags: ValueObject | null = null;
  let container: string | null = null;
  let sent: number | null = null;
  for (const part of parts) {
    if (part.startsWith('@')) rate = NUMBER.test(part.slice(1)) ? Number(part.slice(1)) : 0;
    else if (part.startsWith('#')) tags = tagsFrom(part.slice(1));
    else if (part.startsWith('c:')) container = part.slice(2);
    else if (/^T\d{1,12}$/.test(part)) sent = Number(part.slice(1)) * 1_000;
  }
  if (!(rate > 0 && rate <= 1)) return null;
  return { rate, sample_rate: rate, tags, container, sent };
}

/** `region:eu,canary` → `{region: 'eu', canary: true}` */
function tagsFrom(text: string): ValueObject | null {
  const tags: Record<string, Value> = {};
  for (const tag of text.split(',')) {
    const colon = tag.indexOf(':');
    if (tag !== '')
      setOwn(tags, colon < 0 ? tag : tag.slice(0, colon), colon < 0 || tag.slice(colon + 1));
  }
  return Object.keys(tags).length === 0 ? null : tags;
}

/** `_e{5,4}:title|text|d:1700000000|h:host|k:key|p:low|s:source|t:error|#tags` */
function eventFrom(line: string): Event | null {
  const match = EVENT.exec(line);
  if (match === null) return null;
  const [head = '', titleLength = '', textLength = ''] = match;
  const bytes = new TextEncoder().encode(line.slice(head.length));
  const titleEnd = Number(titleLength);
  const textEnd = titleEnd + 1 + Number(textLength);
  if (textEnd > bytes.length || bytes[titleEnd] !== PIPE) return null;
  const parts = partsFrom(readUtf8(bytes, Math.min(textEnd + 1, bytes.length), bytes.length));
  return {
    name: readUtf8(bytes, 0, titleEnd),
    type: 'event',
    text: readUtf8(bytes, titleEnd + 1, textEnd).replaceAll('\\n', '\n'),
    sent: parts.sent,
    host: parts.by['h'] ?? null,
    key: parts.by['k'] ?? null,
    priority: parts.by['p'] ?? 'normal',
    source: parts.by['s'] ?? null,
    alert: parts.by['t'] ?? 'info',
    tags: parts.tags,
  };
}

const PIPE = 0x7c;

/** `_sc|name|2|d:1700000000|h:host|#tags|m:message` */
function checkFrom(line: string): Event | null {
  const [, name = '', status = '', ...rest] = line.split('|');
  const said = /^[0-3]$/.test(status) ? CHECKS[Number(status)] : undefined;
  if (name === '' || said === undefined) return null;
  const { by, tags, sent } = partsFrom(rest.join('|'));
  const message = by['m']?.replaceAll('\\n', '\n') ?? null;
  return { name, type: 'check', status: said, sent, host: by['h'] ?? null, message, tags };
}

/** Parts of the form `d:1700000000`, by their letter, and tags. */
function partsFrom(text: string): {
  readonly by: Readonly<Record<string, string>>;
  readonly tags: ValueObject | null;
  readonly sent: number | null;
} {
  const by: Record<string, string> = {};
  let tags: ValueObject | null = null;
  for (const part of text.split('|')) {
    if (part.startsWith('#')) tags = tagsFrom(part.slice(1));
    else if (/^[a-z]:/.test(part)) by[part.charAt(0)] = part.slice(2);
  }
  const seconds = by['d'] ?? '';
  return { by, tags, sent: /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1_000 : null };
}
