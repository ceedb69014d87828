/** What a subscriber is told about a query before its rows. */
import { expect, it } from 'vitest';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { schemaMessage } from '../../../src/plan/schema.ts';

function schemaOf(text: string): ReturnType<typeof schemaMessage> {
  const { plan } = planQuery(text);
  if (plan === null) throw new Error('no plan');
  return schemaMessage(plan, 'q1', []);
}

it('names keys and the window', () => {
  const schema = schemaOf('select count(*) from s window 60 5 group by a, b');
  expect(schema).toMatchObject({ type: 'schema', query: 'q1', windowMs: 60_000, slideMs: 5_000 });
  expect(schema.keys).toEqual(['a', 'b']);
  expect(schema.columns.map((column) => [column.name, column.role])).toEqual([
    ['window_start', 'window'],
    ['window_end', 'window'],
    ['a', 'key'],
    ['b', 'key'],
    ['COUNT(*)', 'value'],
  ]);
});

it.each([
  ['now() - event_time() as lag', 'ms'],
  ['avg(now() - event_time()) as lag', 'ms'],
  ['p99(latency_ms) as p', 'ms'],
  ['max(o.totalMs) - min(o.totalMs) as d', 'ms'],
  ['max(latency_ms) + 5 as d', 'ms'],
  ['latency_ms / 1000 as s', undefined],
  ['sum(latency_ms) / count(*) as m', undefined],
  ['latency_ms + size_bytes as x', undefined],
  ['round(avg(cpu_percent), 1) as c', '%'],
  ['rate() as r', '/s'],
  ['rate(bytes) as r', 'bytes/s'],
  ['count(latency_ms) as n', undefined],
  ['variance(latency_ms) as v', undefined],
  ['coalesce(wait_seconds, 0) as w', 's'],
  ['first(bytes) as b', 'bytes'],
  ['if(a = 1, total_bytes, 0) as b', 'bytes'],
  ['terms as t', undefined],
  ['s as t', undefined],
])('the unit of %s is %s', (column, unit) => {
  expect(schemaOf(`select ${column} window 10`).columns.at(-1)?.unit).toBe(unit);
});

it('has no window columns without a window', () => {
  const schema = schemaOf('select a, count(*) group by a');
  expect(schema.windowMs).toBeNull();
  expect(schema.columns.map((column) => column.name)).toEqual(['a', 'COUNT(*)']);
});
