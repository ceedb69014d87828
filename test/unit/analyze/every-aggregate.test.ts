/** DISTINCT and FILTER go with every aggregate that a query can call. */
import { expect, test } from 'vitest';
import { CALLABLE_AGGREGATES } from '../../../src/analyze/aggregate-names.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const CONSTANTS: Readonly<Record<string, string>> = { percentile: ', 50', apdex: ', 50' };

test.each(CALLABLE_AGGREGATES)('$name takes DISTINCT and FILTER', ({ name, definition }) => {
  const argument = definition.argument === 'none' ? '2' : `distinct a${CONSTANTS[name] ?? ''}`;
  const text = `select ${name}(${argument}) filter (where b = 1) as v window 1s`;
  const { plan, diagnostics } = planQuery(text, { mode: 'live' });
  expect(diagnostics).toEqual([]);
  const [spec] = plan?.aggregate?.aggregates ?? [];
  expect(spec).toMatchObject({
    name: definition.name,
    distinct: definition.argument !== 'none',
    filter: { op: 'call', name: 'eq' },
  });
});
