/** Equal meaning, equal fingerprint: however it is spelt; and another one for anything else. */
import { describe, expect, it } from 'vitest';
import { canonicalJson, hash128 } from '../../../src/plan/fingerprint.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { PlanOptions } from '../../../src/plan/plan-query.ts';

function fingerprint(text: string, options: PlanOptions = {}): string {
  const { plan, diagnostics } = planQuery(text, options);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return plan.fingerprint;
}

const EQUAL: readonly (readonly [string, string])[] = [
  ['select a where b = 1', 'SELECT  a\nWHERE b == 1 ;'],
  ['select count(*) from s where a > 1 window 10', 'select COUNT(*) from s window 10s where a > 1'],
  ['select a where 2 < b', 'select a where b > 2'],
  ['select a where b = 1 + 1', 'select a where b = 2'],
  ['select a where not (b = 1)', 'select a where b != 1'],
  ['select a where b = 1 and (c = 2 and d = 3)', 'select a where (b = 1 and c = 2) and d = 3'],
  ['select a where b = 1 and b = 1', 'select a where b = 1'],
  ['select a where b = 1 and c = 2', 'select a where c = 2 and b = 1'],
  ['select a where b = 1 or (c = 2 and d = 3)', 'select a where d = 3 and c = 2 or b = 1'],
  [
    'select count(*) as n window 1 having n > 1 and n < 9',
    'select count(*) n window 1 having n < 9 and n > 1',
  ],
  ['select n from s limit 3 sample 2%', 'SELECT n FROM s SAMPLE 2% LIMIT 3'],
  ['select q.n as m from s q', 'select t.n m from s as t'],
  ['select a where true', 'select a'],
  ['select a where b = 60000', 'select a where b = 1m'],
  ['select a from s', 'select x.a from s x'],
  ['select avg(a) as m window 1', 'select average(a) as m window 1000ms'],
  ['select p99.9(a) as p window 1', 'select percentile(a, 99.9) as p window 1'],
  ['select if(a, 1, 2) as x', 'select case when a then 1 else 2 end as x'],
  ['select a where b = 1 -- comment', 'select /* no */ a where b = 1'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['select a where b = 1', 'select a where b = 2'],
  ['select a where b = 1', "select a where b = '1'"],
  ['select a from s', 'select a from t'],
  ['select a from s', 'select a from s*'],
  ['select a', 'select a as b'],
  ['select a, b', 'select b, a'],
  ['select a where b = 1 and c = 2', 'select a where b = 1 or c = 2'],
  ['select a where b - c = 1', 'select a where c - b = 1'],
  ['select a.b', "select e['a.b']"],
  ['select count(*) window 10', 'select count(*) window 11'],
  ['select count(*) window 10', 'select count(*) window 10 slide 5'],
  ['select p99(a) as p window 1', 'select p999(a) as p window 1'],
  ['select count(a) as n window 1', 'select count(distinct a) as n window 1'],
  ['select a window 1 order by a', 'select a window 1 order by a desc'],
  ['select a window 1 limit 1', 'select a window 1 limit 2'],
  ['select a where b ==~ /x/', 'select a where b =~ /x/'],
];

describe('fingerprints', () => {
  it.each(EQUAL)('%s  ≡  %s', (a, b) => {
    expect(fingerprint(a)).toBe(fingerprint(b));
  });

  it.each(DIFFERENT)('%s  ≢  %s', (a, b) => {
    expect(fingerprint(a)).not.toBe(fingerprint(b));
  });

  it('hold the bound parameters', () => {
    const text = 'select a where b = $v';
    expect(fingerprint(text, { params: { v: 1 } })).toBe(fingerprint('select a where b = 1'));
    expect(fingerprint(text, { params: { v: 2 } })).not.toBe(
      fingerprint(text, { params: { v: 1 } }),
    );
  });

  it('keep the order of what parameters bind as data', () => {
    const text = 'select a where b = $v';
    const bound = (args: readonly number[]): string =>
      fingerprint(text, { params: { v: { op: 'and', args } } });
    expect(bound([1, 2])).not.toBe(bound([2, 1]));
  });

  it('are 32 hexadecimal digits that one bit of input changes widely', () => {
    const a = hash128('select a');
    const b = hash128('select b');
    expect(a).toMatch(/^[0-9a-f]{32}$/);
    const same = a.split('').filter((digit, index) => digit === b[index]).length;
    expect(same).toBeLessThan(12);
  });

  it('do not depend on the order of properties', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe(
      canonicalJson({ a: null, b: [1, { c: 2, d: 1 }] }),
    );
  });
});
