/**
 * Questions worth asking first, offered only where the running engine has what they read. A stream
 * whose fields nobody has seen yet counts as having them.
 */
import { isPlainName } from '../grammar/characters.ts';
import type { StreamView } from '../src/coordinator/views.ts';

export interface Example {
  readonly title: string;
  readonly stream: string;
  readonly fields: readonly string[];
  readonly query: string;
}

/** Most telling first: the first that fits is what an empty page shows. */
const EXAMPLES: readonly Example[] = [
  {
    title: 'Starts by region',
    stream: 'plays',
    fields: ['region'],
    query: 'select count(*) as starts from plays window 1s group by region',
  },
  {
    title: 'Error ratio',
    stream: 'requests',
    fields: ['status', 'region'],
    query:
      'select count(*) filter (where status >= 500) / count(*) as error_ratio, rate() as rps\n' +
      'from requests window 2s group by region',
  },
  {
    title: 'Request latency',
    stream: 'requests',
    fields: ['duration_ms'],
    query: 'select p50(duration_ms), p95(duration_ms), p99(duration_ms) from requests window 1s',
  },
  {
    title: 'Startup by device',
    stream: 'plays',
    fields: ['device', 'latency'],
    query: 'select p50(latency), p99(latency) from plays window 2s group by device',
  },
  {
    title: 'Playback errors',
    stream: 'playback_errors',
    fields: [],
    query: 'select * from playback_errors',
  },
  {
    title: 'nginx by status',
    stream: 'nginx',
    fields: ['request_time', 'status'],
    query: 'select rate() as rps, p99(request_time) from nginx window 1s group by status',
  },
  {
    title: 'CPU',
    stream: 'host.cpu',
    fields: ['cpu', 'used_percent'],
    query: 'select avg(used_percent) as used_percent from host.cpu window 1s group by cpu',
  },
  {
    title: 'Busiest processes',
    stream: 'host.process',
    fields: ['cpu_percent', 'memory_bytes', 'name'],
    query:
      'select max(cpu_percent) as cpu_percent, max(memory_bytes) as memory_bytes\n' +
      'from host.process window 2s group by name order by cpu_percent desc limit 20',
  },
  {
    title: 'Squilla itself',
    stream: 'squilla.engine',
    fields: ['cpu_percent', 'events_per_second'],
    query:
      'select max(events_per_second) as events_per_second, max(cpu_percent) as cpu_percent\n' +
      'from squilla.engine window 1s',
  },
];

/** Examples shown at once. */
const EXAMPLES_SHOWN_MAX = 9;

export function examplesFor(streams: readonly StreamView[]): readonly Example[] {
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const fitting = EXAMPLES.filter(({ stream, fields }) => {
    const known = byName.get(stream);
    if (known === undefined) return false;
    const names = new Set(known.fields.map((field) => field.name));
    return names.size === 0 || fields.every((field) => names.has(field));
  });
  if (fitting.length > 0) return fitting.slice(0, EXAMPLES_SHOWN_MAX);
  return streams.slice(0, 3).map(({ name }) => ({
    title: `Rate of ${name}`,
    stream: name,
    fields: [],
    query: `select rate() from ${sourceText(name)} window 1s`,
  }));
}

/** A stream as it must be written after FROM. */
export function sourceText(name: string): string {
  return isPlainName(name) ? name : quoted(name);
}

/** A field as it must be written in an expression; a name with `-` or `/` reads better quoted. */
export function fieldText(name: string): string {
  return isPlainName(name) && !/[-/]/.test(name) ? name : quoted(name);
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
