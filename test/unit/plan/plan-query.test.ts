/** Query → facts of its plan: stages, columns, windows, fields and what LIMIT means. */
import { describe, expect, it } from 'vitest';
import type { AnalysisMode } from '../../../src/analyze/context.ts';
import { pathText } from '../../../src/ir/path-text.ts';
import type { QueryPlan } from '../../../src/ir/plan.ts';
import { expressionText, aggregateText } from '../../../src/plan/ir-text.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

function planOf(text: string, mode: AnalysisMode = 'live'): QueryPlan {
  const { plan, diagnostics } = planQuery(text, { mode });
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

const where = (text: string): string | null => {
  const node = planOf(`select * where ${text}`).source.where;
  return node === null ? null : expressionText(node);
};

describe('columns', () => {
  const names = (text: string): readonly string[] =>
    planOf(text).final.columns.map((column) => column.name);

  it.each<[string, readonly string[]]>([
    ["select a, b.c, e['d']['x'][0], `q r`", ['a', 'b.c', 'd.x.0', 'q r']],
    ["select 'lit', 45, 2.5, true, null", ['lit', '45', '2.5', 'true', 'null']],
    [
      'select count(*), sum(n.p), LIST(*), rate() window 1',
      ['COUNT(*)', 'SUM(n.p)', 'LIST(*)', 'RATE()'],
    ],
    ['select count(distinct a), p99(a) window 1', ['COUNT(a)', 'P99(a)']],
    ['select percentile(a, 99.9), avg(a) window 1', ['PERCENTILE(a, 99.9)', 'AVG(a)']],
    ['select count(*) filter (where a > 1) window 1', ['COUNT(*) FILTER (WHERE a > 1)']],
    ['select a as x, b as \'y\', c as "z"', ['x', 'y', 'z']],
    ['select a + b, upper(c)', ['a + b', 'upper(c)']],
    ['select x.a, x.b.c from s x', ['a', 'b.c']],
    ['select l[*].v', ['l.*.v']],
    ["select *, e[^'pre']", ['*', 'pre*']],
    ['select count(*) window 1 group by a, b.c', ['a', 'b.c', 'COUNT(*)']],
    ['select count(*), a window 1 group by a', ['COUNT(*)', 'a']],
    ['select lower(a) as k, count(*) window 1 group by k', ['k', 'COUNT(*)']],
    ['select count(*), lower(a) window 1 group by 2', ['COUNT(*)', 'lower(a)']],
    ['select a, b as a', ['a']],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('have roles and evident types', () => {
    const { columns } = planQuery(
      'select k, count(*), max(a) as m, k = 1 as b window 5 group by k',
    );
    expect(columns).toEqual([
      { name: 'window_start', type: 'number', unit: 'ms', role: 'window' },
      { name: 'window_end', type: 'number', unit: 'ms', role: 'window' },
      { name: 'k', type: 'any', role: 'key' },
      { name: 'COUNT(*)', type: 'number', role: 'value' },
      { name: 'm', type: 'any', role: 'value' },
      { name: 'b', type: 'boolean', role: 'value' },
    ]);
  });
});

describe('conditions', () => {
  it.each<[string, string | null]>([
    ['a = 1 and 1 < b', '((a = 1) AND (b > 1))'],
    ['a between 1 and 2', '((a >= 1) AND (a <= 2))'],
    ['a not in (1, 2)', 'NOT a IN (1, 2)'],
    ['a is not null', 'NOT a IS NULL'],
    ['a !~ /x/', 'NOT a =~ /x/'],
    ["a not like 'x%'", "NOT (a LIKE 'x%')"],
    ['a =~ /x/ and b = 1', '((b = 1) AND a =~ /x/)'],
    ['a = 15m', '(a = 900000)'],
    ['a = -3', '(a = -3)'],
    ['if(a, 1, 2) = 1', '(CASE WHEN a THEN 1 ELSE 2 END = 1)'],
    ['true', null],
    ['l[*].a = 1', 'some x0 of l: (x0.a = 1)'],
    ['l[*].a = 1 and l[*].b = 2', 'some x0 of l: ((x0.a = 1) AND (x0.b = 2))'],
    [
      'l[*].a = 1 and (l[*].b = 2 or l[*].c = 3)',
      'some x0 of l: ((x0.a = 1) AND ((x0.b = 2) OR (x0.c = 3)))',
    ],
    ['l[*].a = 1 and m[*].b = 2', '(some x0 of l: (x0.a = 1) AND some x1 of m: (x1.b = 2))'],
    ['not (l[*].a = 1)', 'NOT some x0 of l: (x0.a = 1)'],
    ['l[*].m[*] = 1', 'some x0 of l: some x1 of x0.m: (x1 = 1)'],
    ["e[*] = 'x'", "some x0 of *: (x0 = 'x')"],
    [
      'l[*].a = 1 and not (l[*].b = 2)',
      '(some x0 of l: (x0.a = 1) AND NOT some x1 of l: (x1.b = 2))',
    ],
  ])('%s', (text, expected) => {
    expect(where(text)).toBe(expected);
  });
});

describe('aggregates', () => {
  it('share slots and carry their constants', () => {
    const plan = planOf(
      'select count(*), count(*) / 2 as half, p99(a), topk(b, 3), sum(distinct a) filter (where c) window 1',
    );
    expect(plan.aggregate?.aggregates.map(aggregateText)).toEqual([
      'count(*)',
      'quantile(a, 0.99)',
      'topk(b, 3)',
      'sum(distinct a) filter (where c)',
    ]);
  });

  it.each([
    ['p5', 0.05],
    ['p50', 0.5],
    ['P99', 0.99],
    ['p995', 0.995],
    ['p9999', 0.9999],
    ['p99.9', 0.999],
    ['p2.5', 0.025],
  ])('%s is the quantile %d', (name, q) => {
    const plan = planOf(`select ${name}(a) window 1`);
    expect(plan.aggregate?.aggregates[0]?.parameters).toEqual([q]);
  });

  it('take plain columns from the first event and keys from the group', () => {
    const plan = planOf('select k, b, upper(k), count(*) window 1 group by k');
    expect(plan.aggregate?.aggregates.map(aggregateText)).toEqual(['first_event(b)', 'count(*)']);
  });

  it('are found in HAVING and ORDER BY too', () => {
    const plan = planOf('select k window 1 group by k having count(*) > 1 order by sum(a) desc');
    expect(plan.aggregate?.aggregates.map(aggregateText)).toEqual(['count(*)', 'sum(a)']);
    expect(plan.project).toEqual([]);
  });
});

describe('names in HAVING and ORDER BY', () => {
  it('mean output columns first, by any spelling', () => {
    const plan = planOf(
      "select sum(a), b as t window 1 group by b having t = 1 and e['SUM(a)'] > 2",
    );
    expect(plan.aggregate?.aggregates.map(aggregateText)).toEqual(['sum(a)']);
  });

  it('else mean properties of the event', () => {
    const plan = planOf('select sum(a) window 1 order by b');
    expect(plan.aggregate?.aggregates.map(aggregateText)).toEqual(['sum(a)', 'first_event(b)']);
  });

  it('put nulls first ascending and last descending, unless told', () => {
    const { orderBy } = planOf('select a, b window 1 order by a, b desc, 1 nulls last').final;
    expect(orderBy.map((key) => key.nulls)).toEqual(['first', 'last', 'last']);
  });
});

describe('fields', () => {
  it.each<[string, readonly string[], boolean]>([
    ['select a where b = 1', ['b', 'a'], false],
    ['select *', [], true],
    ['select * where b = 1', ['b'], true],
    ['select count(*) window 1', [], false],
    ['select count(a) filter (where c) window 1 group by d.x', ['d.x', 'a', 'c'], false],
    ['select a where l[*].v = 1', ['l', 'a'], false],
    ['select a where e[*] = 1', ['a'], true],
    ["select e[^'pre']", ["e[^'pre']"], false],
    ['select list(*) window 1', [], true],
    ['select a, b as a', ['b'], false],
  ])('%s', (text, fields, all) => {
    const { source } = planOf(text);
    expect(source.fields.map(pathText)).toEqual(fields);
    expect(source.allFields).toBe(all);
  });
});

describe('windows', () => {
  it.each([
    ['window 10', 10_000, 10_000, 10_000],
    ['window 60 5', 60_000, 5_000, 5_000],
    ['window 10s slide 4s', 10_000, 4_000, 2_000],
    ['window 1 2', 1_000, 2_000, 1_000],
    ['window 1.5', 1_500, 1_500, 1_500],
    ['window 500ms', 500, 500, 500],
  ])('%s', (text, sizeMs, slideMs, paneMs) => {
    const { window } = planOf(`select count(*) ${text}`);
    expect(window).toEqual({ kind: 'time', sizeMs, slideMs, paneMs });
  });

  it('are none without the clause', () => {
    expect(planOf('select a').window).toEqual({ kind: 'none', paneMs: 1_000 });
  });
});

describe('LIMIT, EMIT and LATENESS', () => {
  it.each<[string, AnalysisMode, number | null, number | null]>([
    ['select a limit 3', 'live', null, 3],
    ['select a window 1 limit 3', 'live', 3, null],
    ['select a order by a limit 3', 'finite', 3, null],
    ['select a group by b limit 3', 'finite', 3, null],
    ['select count(*) window 1 limit 3', 'live', null, 3],
    ['select count(*) window 1 group by a limit 3', 'live', 3, null],
    ['select count(*) group by a limit 3', 'live', 3, null],
  ])('%s (%s)', (text, mode, rowsMax, endAfter) => {
    const { final } = planOf(text, mode);
    expect([final.rowsMax, final.endAfter]).toEqual([rowsMax, endAfter]);
  });

  it.each<[string, AnalysisMode, number | null]>([
    ['select count(*)', 'live', 1_000],
    ['select count(*)', 'finite', null],
    ['select count(*) emit every 5s', 'live', 5_000],
    ['select count(*) window 10', 'live', null],
    ['select count(*) window 10 emit every 500ms', 'live', 500],
    ['select a', 'live', null],
  ])('%s (%s) emits every %s ms', (text, mode, everyMs) => {
    expect(planOf(text, mode).final.emitEveryMs).toBe(everyMs);
  });

  it('LATENESS amends windows of live streams only', () => {
    const text = 'select count(*) window 1 lateness 2s';
    expect(planOf(text).final.latenessMs).toBe(2_000);
    expect(planOf(text, 'finite').final.latenessMs).toBe(0);
  });
});

describe('HAVING without aggregates', () => {
  it('moves to the source', () => {
    const plan = planOf('select count(*) as n window 1 group by k having k = 1 and n > 2');
    expect(plan.source.where && expressionText(plan.source.where)).toBe('(k = 1)');
    expect(plan.final.having && expressionText(plan.final.having, ['k', 'n'])).toBe('(n > 2)');
  });

  it('stays where a query without keys has a row anyway', () => {
    const plan = planOf('select max(a) as m, b window 1 having b = 1');
    expect(plan.source.where).toBeNull();
  });
});

describe('planQuery', () => {
  it('never throws, whatever the text', () => {
    for (const text of [
      '',
      ';',
      'select',
      'select (',
      '\u0000',
      'select a where',
      'x'.repeat(70_000),
    ]) {
      const { plan, diagnostics } = planQuery(text);
      expect(plan, text.slice(0, 20)).toBeNull();
      expect(diagnostics.length).toBeGreaterThan(0);
    }
  });

  it('reports at most 20 things, mistakes before warnings', () => {
    const wrong = Array.from({ length: 30 }, (_, i) => `nope${i}(a)`).join(', ');
    const { diagnostics } = planQuery(`select x-y, ${wrong}`);
    expect(diagnostics).toHaveLength(20);
    expect(diagnostics.every((d) => d.severity === 'error')).toBe(true);
  });

  it('is valid JSON all through', () => {
    const plan = planOf('select a, count(*) window 10 where b = -0 group by a');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});
