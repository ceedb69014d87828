/** Optimizer rules change plans, never answers: any subset of them gives the same rows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGREGATES } from '../../src/aggregate/catalogue.ts';
import { patternProblem } from '../../src/expr/check-patterns.ts';
import { validatePlan } from '../../src/ir/validate.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import { RULES } from '../../src/plan/optimize.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { SERIES } from '../../src/series/catalogue.ts';
import { runReference } from '../../src/reference/run.ts';
import type { ReferenceEvent } from '../../src/reference/run.ts';
import { lawParameters } from '../support/laws.ts';

const scalar = fc.constantFrom('1', '2', '2.0', "'a'", "'2'", 'null', 'true', '1 + 1', '1 / 0');
const field = fc.constantFrom('a', 'b', 'c', 'd.x', "e['a']", 'l[*].v', 'l[*]', 'missing');
const operand = fc.oneof(field, scalar, fc.constantFrom('a + b', 'abs(a)', "concat(b, 'x')"));
const comparison = fc
  .tuple(operand, fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '==+'), operand)
  .map((parts) => parts.join(' '));
const predicate = fc.oneof(
  { weight: 4, arbitrary: comparison },
  field.map((name) => `${name} is null`),
  field.map((name) => `${name} in (1, 'a')`),
  field.map((name) => `${name} between 0 and 2`),
  field.map((name) => `${name} ==~ /[a2].*/`),
  field,
  fc.constantFrom('true', 'false', '1 < 2'),
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    predicate,
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} and ${b})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} or ${b})`),
    tie('condition').map((inner) => `not (${inner})`),
  ),
}));

const window = fc.constantFrom('', 'window 1', 'window 3 1');
const rowHaving = fc.constantFrom('', 'having a = 1', 'having k = 1 and a != 2', 'having d.x > 0');
const plainQuery = fc
  .tuple(
    fc.constantFrom('*', 'a, b as k', 'a as k, l[*].v', 'a, b as a', 'case when a > 1 then b end'),
    window,
    condition,
    rowHaving,
    fc.constantFrom('', 'order by a desc', 'group by c order by a limit 2', 'limit 3'),
  )
  .map(([list, win, where, having, rest]) =>
    ['select', list, win, 'where', where, having, rest].join(' '),
  );
const joinField = fc.constantFrom('p.a', 'p.b', 'x.a', 'x.c', 'x.d.x', 'a', 'c', 'p.l[*].v');
const joinPredicate = fc.oneof(
  fc
    .tuple(joinField, fc.constantFrom('=', '!=', '<', '>='), fc.oneof(joinField, scalar))
    .map((parts) => parts.join(' ')),
  fc.constantFrom('x.a is null', 'p.c is not null', 'event_time() > 1', 'p.b ==~ /[a2].*/'),
);
const joinCondition = fc
  .array(joinPredicate, { minLength: 1, maxLength: 3 })
  .chain((parts) => fc.constantFrom(' and ', ' or ').map((word) => `(${parts.join(word)})`));
const joinQuery = fc
  .tuple(
    fc.constantFrom('p.a, x.b as xb', '*', 'count(*) as n, max(x.a) as m', 'x.*'),
    fc.constantFrom('join', 'left join'),
    fc.constantFrom('p.c = x.c', 'p.c = x.c and p.a = x.a', 'c', 'p.c = x.c and x.a != 2'),
    joinPredicate.filter((text) => /[px]\./.test(text) && !/(^| )[ac]( |$)/.test(text)),
    joinCondition,
    fc.constantFrom('', 'having p.a = 1', 'having x.a > 1'),
  )
  .map(([list, type, on, also, where, having]) => {
    const from = `from s p ${type} r x within 2s on ${on} and ${also}`;
    return `select ${list} ${from} window 3s where ${where} ${having}`;
  });
/** Functions over series compare windows. */
function windowFor(list: string, window: string): string {
  return /ewma|lag|outlier/.test(list) && window === '' ? 'window 1' : window;
}

const groupHaving = fc.constantFrom(
  '',
  'having c = 1',
  "having c != 'a' and n > 1",
  'having n > 1 or c = 2',
  'having 1 = 1',
);
const aggregateQuery = fc
  .tuple(
    fc.constantFrom(
      'count(*) as n',
      'sum(a) as s, count(*) as n',
      'max(a), b, count(*) as n',
      'ewma(sum(a), 0.5) as e, lag(count(*), 1) as n',
      'sum(a) as n, previous(sum(a)) as n, change(count(*)) + lag(sum(a), 2) as d',
      'count(*) as n, outlier(count(*)) as o',
    ),
    window,
    condition,
    fc.constantFrom('', 'group by c', 'group by c, b'),
    groupHaving,
    fc.constantFrom('', 'order by n desc', 'limit 2'),
    condition,
  )
  .map(([list, win, where, group, having, rest, filter]) =>
    [`select count(*) filter (where ${filter}) as f,`, list, windowFor(list, win), 'where', where]
      .concat(group, having, rest)
      .join(' '),
  );

const value = fc.constantFrom(0, 1, 2, -1, 'a', '2', true, false, null, { x: 1 });
const event = fc.record(
  {
    a: value,
    b: value,
    c: value,
    d: fc.record({ x: value }),
    l: fc.oneof(fc.array(fc.record({ v: value }), { maxLength: 3 }), value),
  },
  { requiredKeys: [] },
);
const events = fc.array(fc.record({ event, timeMs: fc.integer({ min: 0, max: 5_000 }) }), {
  maxLength: 12,
});

const joinEvents = fc.array(
  fc.record({
    event,
    timeMs: fc.integer({ min: 0, max: 5_000 }),
    stream: fc.constantFrom('s', 'r'),
  }),
  { maxLength: 14 },
);

function planOf(text: string, disabledRules: ReadonlySet<string>): QueryPlan {
  const { plan, diagnostics } = planQuery(text, { mode: 'finite', disabledRules });
  if (plan === null) throw new Error(`${text}: ${JSON.stringify(diagnostics)}`);
  return plan;
}

function answer(plan: QueryPlan, input: readonly ReferenceEvent[]): unknown {
  return runReference(plan, input, { nowMs: 0 }).windows;
}

const anyQuery = fc.oneof(plainQuery, aggregateQuery, joinQuery);
const names = RULES.map((rule) => rule.name);
const subset = fc.subarray(names).map((some) => new Set(some));

describe('plans', () => {
  it('are what their receivers accept', () => {
    fc.assert(
      fc.property(anyQuery, subset, (text, disabled) => {
        const sent: unknown = JSON.parse(JSON.stringify(planOf(text, disabled)));
        const read = validatePlan(sent, {
          patternProblem,
          hasAggregate: (name) => AGGREGATES.has(name),
          hasSeries: (name) => SERIES.has(name),
        });
        expect(read).toMatchObject({ ok: true });
      }),
      lawParameters(150),
    );
  });
});

describe('optimizer rules', () => {
  it.each([
    ['plain selects', plainQuery, events],
    ['aggregates', aggregateQuery, events],
    ['joins', joinQuery, joinEvents],
  ] as const)('never change the answer of %s', (_kind, query, inputs) => {
    fc.assert(
      fc.property(query, inputs, subset, (text, input, disabled) => {
        const plain = answer(planOf(text, new Set(names)), input);
        expect(answer(planOf(text, new Set()), input)).toEqual(plain);
        expect(answer(planOf(text, disabled), input)).toEqual(plain);
      }),
      lawParameters(150),
    );
  });

  it('come to rest: optimizing twice is optimizing once', () => {
    fc.assert(
      fc.property(anyQuery, (text) => {
        const plan = planOf(text, new Set());
        for (const rule of RULES) {
          const { version: _v, fingerprint: _f, canonical: _c, ...logical } = plan;
          expect(rule.apply(logical), rule.name).toEqual(logical);
        }
      }),
      lawParameters(150),
    );
  });
});
