/** Parameters stand wherever a literal can, and name the pipeline as the literal would. */
import { describe, expect, it } from 'vitest';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { Value } from '../../../src/model/value.ts';

/** A query with `$p`, its value, and how the same is written without. */
const CASES: readonly (readonly [string, Value, string])[] = [
  ['select $p as x', 'text', "'text'"],
  ['select a + $p as x', 3, '3'],
  ['select a where b = $p', null, 'null'],
  ['select a where b in (1, $p)', 2, '2'],
  ['select a where b between $p and 9', 1, '1'],
  ['select a where b like $p', 'x%', "'x%'"],
  ['select a where b =~ $p', 'x+', "'x+'"],
  ["select a where e['l'][$p] = 1", 0, '0'],
  ['select a where e[$p] = 1', 'k', "'k'"],
  ['select case when a then $p end as x', true, 'true'],
  ['select count(*) as n window $p', 10, '10'],
  ['select count(*) as n window 10s slide $p', 5, '5'],
  ['select bucket(a, $p) as b, count(*) as n window 10s group by b', 5, '5'],
  ['select count(*) as n window 10s having n > $p', 5, '5'],
  ['select a from s window 1s limit $p', 5, '5'],
  ['select sum(a) filter (where b > $p) as n window 1s', 5, '5'],
  ['select percentile(a, $p) as n window 1s', 99, '99'],
  ['select count(*) as n window 1s lateness $p', '2s', '2s'],
  ['select count(*) as n window 10s emit every $p', '2s', '2s'],
];

describe('a parameter', () => {
  it.each(CASES)('%s', (text, value, literal) => {
    const bound = planQuery(text, { params: { p: value } });
    const written = planQuery(text.replace('$p', literal));
    expect(bound.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(bound.plan!.fingerprint).toBe(written.plan!.fingerprint);
    expect(bound.parameters).toEqual(['p']);
  });

  it.each(CASES)('without a value is an error where it stands: %s', (text) => {
    const { plan, diagnostics } = planQuery(text);
    expect(plan).toBeNull();
    const missing = diagnostics.find(({ code }) => code === 'MQL_PARAMETER_MISSING');
    // In a path the whole path is pointed at.
    expect(text.slice(missing!.span.start, missing!.span.end)).toMatch(/^(?:e\[.*)?\$p\]?$/);
  });
});
