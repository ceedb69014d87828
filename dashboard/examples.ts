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
export const EXAMPLES: readonly Example[] = [
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
    title: 'HTTP by route',
    stream: 'http.server',
    fields: ['route', 'status', 'duration_ms'],
    query:
      'select rate() as rps, p99(duration_ms) as p99_ms,\n' +
      'count(*) filter (where status >= 500) as failed from http.server window 2s group by route',
  },
  {
    title: 'Spans by service',
    stream: 'otel.spans',
    fields: ['service', 'kind', 'duration_ms'],
    query:
      'select rate() as rps, p99(duration_ms) as p99_ms,\n' +
      "count(*) filter (where status = 'error') as failed\n" +
      "from otel.spans where kind = 'server' window 10s slide 2s group by service, name",
  },
  {
    title: 'Logs by severity',
    stream: 'otel.logs',
    fields: ['severity', 'service'],
    query: 'select count(*) as records from otel.logs window 5s group by service, severity',
  },
  {
    title: 'Errors in logs',
    stream: 'otel.logs',
    fields: ['severity', 'body'],
    query: "select time, service, body from otel.logs where severity in ('ERROR', 'FATAL')",
  },
  {
    title: 'Metrics that come',
    stream: 'otel.metrics',
    fields: ['name', 'value'],
    query:
      'select avg(value) as value, count(*) as points from otel.metrics\n' +
      'window 10s slide 2s group by name order by points desc limit 20',
  },
  {
    title: 'Series that come',
    stream: 'prometheus',
    fields: ['name', 'series'],
    query:
      'select count(*) as samples, count(distinct series) as series from prometheus\n' +
      'window 10s slide 2s group by name order by samples desc limit 20',
  },
  {
    title: 'Targets that are down',
    stream: 'prometheus',
    fields: ['name', 'instance', 'value'],
    query: "select min(value) as up from prometheus where name = 'up' window 15s group by instance",
  },
  {
    title: 'Counters and gauges',
    stream: 'statsd',
    fields: ['name', 'type', 'value'],
    query:
      'select sum(value) as sum, count(*) as updates from statsd\n' +
      'window 5s group by name, type order by updates desc limit 20',
  },
  {
    title: 'Messages by severity',
    stream: 'syslog',
    fields: ['severity', 'app'],
    query: 'select count(*) as messages from syslog window 5s group by severity',
  },
  {
    title: 'Severe messages',
    stream: 'syslog',
    fields: ['severity', 'message'],
    query:
      'select host, app, message from syslog\n' +
      "where severity in ('emergency', 'alert', 'critical', 'error')",
  },
  {
    title: 'Journal by unit',
    stream: 'journal',
    fields: ['unit', 'level'],
    query:
      'select count(*) as entries from journal window 5s\n' +
      'group by unit, level order by entries desc limit 20',
  },
  {
    title: 'Errors in the journal',
    stream: 'journal',
    fields: ['level', 'message'],
    query: "select unit, message from journal where level in ('emerg', 'alert', 'crit', 'error')",
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
const EXAMPLES_SHOWN_MAX = 12;

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
