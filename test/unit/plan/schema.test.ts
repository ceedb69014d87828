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

it('has no window columns without a window', () => {
  const schema = schemaOf('select a, count(*) group by a');
  expect(schema.windowMs).toBeNull();
  expect(schema.columns.map((column) => column.name)).toEqual(['a', 'COUNT(*)']);
});
