/**
 * Generated code does to every event what closures do, whatever the queries and whatever the event:
 * the same bits, the same deltas; and what it wants is what the reference interpreter finds true.
 * Whatever stands in a plan stays data.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EdgeQuery } from '../../src/edge/edge-query.ts';
import type { AggregatePartial } from '../../src/aggregate/contract.ts';
import { compileEdgeQuery } from '../../src/edge/edge-query.ts';
import { FieldMemo } from '../../src/edge/field-memo.ts';
import { fuseOf } from '../../src/edge/generated-look.ts';
import { LOOKED } from '../../src/edge/looked.ts';
import { StreamEvaluator } from '../../src/edge/stream-evaluator.ts';
import { createEvalCounters } from '../../src/expr/context.ts';
import type { Expression, FieldPath } from '../../src/ir/expression.ts';
import type { AggregateSpec, AggregateStage, SampleSpec } from '../../src/ir/plan.ts';
import { plainValue } from '../../src/model/plain-value.ts';
import { isTruthy } from '../../src/model/value-equality.ts';
import type { Event } from '../../src/model/value.ts';
import { interpret } from '../../src/reference/interpret-expression.ts';
import type { AgentQuery } from '../../src/wire/agent-messages.ts';
import { arbitraryEvent, arbitraryScalar, KEYS } from '../support/arbitrary-event.ts';
import { arbitraryExpression } from '../support/arbitrary-expression.ts';
import { lawParameters } from '../support/laws.ts';

// ---- Queries -----------------------------------------------------------------------------------

const NAMES = ['a', 'b', 'c', 'l', 'a.b', 'a.b.c', '__proto__', 'constructor.name', 'length'];
const simpleField = fc.constantFrom(...NAMES).map((name): Expression => {
  return { op: 'field', path: [{ by: 'name', name }] };
});
/** What dashboards ask, which has forms of its own in generated code, and everything else. */
const argument = fc.oneof(
  { weight: 3, arbitrary: simpleField },
  { weight: 1, arbitrary: arbitraryExpression({ depth: 1 }) },
);
const comparison = fc
  .tuple(
    fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'like', 'ilike'),
    simpleField,
    arbitraryScalar(),
  )
  .map(([name, left, value]): Expression => {
    return { op: 'call', name, args: [left, { op: 'literal', value }] };
  });
const condition = fc.oneof(
  comparison,
  fc.tuple(fc.constantFrom<'and' | 'or'>('and', 'or'), fc.array(comparison)).map(([op, args]) => {
    return { op, args };
  }),
  arbitraryExpression({ depth: 2 }),
);
const maybe = fc.option(condition, { nil: null, freq: 2 });

const SHAPES: readonly (readonly [string, readonly number[]])[] = [
  ...(['count', 'sum', 'avg', 'rate', 'min', 'max', 'first', 'last', 'first_event'] as const).map(
    (name): [string, number[]] => [name, []],
  ),
  ...(['count_distinct', 'stddev'] as const).map((name): [string, number[]] => [name, []]),
  ['quantile', [0.9]],
  ['topk', [3]],
  ['histogram', [0.5]],
  ['apdex', [2]],
];
const spec: fc.Arbitrary<AggregateSpec> = fc
  .tuple(fc.constantFrom(...SHAPES), argument, maybe, fc.nat(9))
  .map(([[name, parameters], arg, filter, n]) => {
    const counts = name === 'count' || name === 'rate';
    const isDistinct = n === 1 && ['count', 'sum', 'avg', 'quantile'].includes(name);
    return {
      ...{ name, parameters, filter, distinct: isDistinct },
      arg: counts && n > 4 ? null : arg,
    };
  });
const stage: fc.Arbitrary<AggregateStage> = fc.record({
  keys: fc.array(argument, { maxLength: 3 }),
  aggregates: fc.array(spec, { minLength: 1, maxLength: 3 }),
  groupsMax: fc.constantFrom(1, 3, 100),
});
const sample: fc.Arbitrary<SampleSpec | null> = fc.option(
  fc.record({
    kind: fc.constant('random' as const),
    threshold: fc.constantFrom(0, 1, 2),
    factor: fc.constant(2),
    salt: fc.constant('s'),
    extrapolate: fc.boolean(),
  }),
  { nil: null, freq: 3 },
);
const query: fc.Arbitrary<Omit<AgentQuery, 'query'>> = fc
  .tuple(sample, maybe, fc.option(stage, { nil: null, freq: 3 }))
  .map(([drawn, where, aggregated]) => ({
    stream: 's',
    source: { sample: drawn, where, fields: [], allFields: false },
    paneMs: aggregated === null ? 0 : 1_000,
    aggregation: aggregated === null ? null : { stage: aggregated, emitEveryMs: 0 },
  }));

// ---- Events ------------------------------------------------------------------------------------

class Inherited {
  readonly b = 1;
  get a(): string {
    return 'a';
  }
}

/** What publishers have and JSON has not. */
const oddValue = fc.constantFrom<unknown>(
  ...[undefined, NaN, Infinity, -Infinity, 5n, Symbol('s'), () => 1, new Date(0), /a/, new Map()],
  ...[new Inherited(), { toJSON: () => 'b' }, { toJSON: () => 1 }, { a: undefined, b: NaN }],
  ...[Object.create(null), new Float64Array(2), [undefined, NaN], Object('a'), Object(1)],
  ...['x'.repeat(100), 'a'.repeat(65)],
);
const oddEvent = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), oddValue), { minLength: 1, maxLength: 5 })
  .map((entries) => Object.fromEntries(entries));
const event: fc.Arbitrary<object> = fc.oneof(
  { weight: 6, arbitrary: arbitraryEvent() },
  { weight: 3, arbitrary: oddEvent },
  {
    weight: 1,
    arbitrary: fc.constantFrom<object>(
      ...[new Inherited(), [], [1, 'a'], Object.create({ a: 'a', b: 1 }), new Date(0)],
      ...[
        Object.freeze({ a: 1 }),
        new Proxy({ a: 'a', l: 2 }, {}),
        {
          get a() {
            return 'b';
          },
        },
      ],
    ),
  },
);
const events = fc.array(fc.tuple(event, fc.constantFrom(0, 0, 0, 1, 900, 1_100, -1_500)), {
  maxLength: 30,
});

// ---- Both ways ---------------------------------------------------------------------------------

const AGENT = 'agent';

class Side {
  readonly evaluator: StreamEvaluator;
  readonly queries: readonly EdgeQuery[];
  readonly #budget = { bytes: 0, opened: false, layout: 0 };

  constructor(plans: readonly Omit<AgentQuery, 'query'>[], isGenerated: boolean) {
    const memo = new FieldMemo();
    const around = { agentId: AGENT, budget: this.#budget, memo };
    this.queries = plans.map((plan, i) => {
      const compiled = compileEdgeQuery({ ...plan, query: `q${i}` }, around);
      if (!compiled.ok) throw new Error(compiled.error);
      return compiled.value;
    });
    const fuse = isGenerated ? fuseOf(around, 0) : null;
    if (isGenerated && fuse === null) throw new Error('code cannot be generated here');
    this.evaluator = new StreamEvaluator(this.queries, AGENT, memo, fuse);
  }

  look(of: object, sequence: number, timeMs: number): number {
    const { row } = this.evaluator;
    row.timeMs = timeMs;
    row.nowMs = timeMs + 1;
    row.ingestMs = timeMs + 2;
    return this.evaluator.look(of as Event, sequence);
  }

  take(throughMs: number): unknown {
    const deltas = this.evaluator.tables.map((table) => table.take(throughMs));
    // Values of a quantile that is still exact are a set: nobody may ask for their order.
    for (const pane of deltas.flatMap((delta) => delta?.panes ?? [])) {
      for (const aggregate of pane.groups?.aggregates ?? []) sortExact(aggregate);
    }
    return deltas;
  }

  /** What tables think that they take. */
  get bytes(): number {
    return this.#budget.bytes;
  }
}

function sortExact(aggregate: AggregatePartial): void {
  const { exactEnds, exactValues } = aggregate as {
    exactEnds?: Uint32Array;
    exactValues?: Float64Array;
  };
  let from = 0;
  for (const end of exactEnds ?? []) {
    exactValues?.subarray(from, end).sort();
    from = end;
  }
}

/** Keys may be objects with a member `constructor`, which is all that Vitest would look at. */
function expectSame(one: unknown, other: unknown): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toStrictEqual(other);
  expect(isDeepStrictEqual(one, other)).toBe(true);
}

/** What `agents/stream-state.ts` makes of it. */
function becomes(side: Side, of: object, index: number, timeMs: number): string {
  const looked = side.look(of, index + 1, timeMs);
  if ((looked & LOOKED.wanted) !== 0) return 'wanted';
  if ((looked & LOOKED.aggregated) !== 0) return 'aggregated';
  return (looked & LOOKED.filtered) !== 0 ? 'filtered' : 'sampled';
}

describe('generated code', () => {
  test('sees, counts and keeps what closures do', () => {
    const property = fc.property(
      fc.array(query, { minLength: 1, maxLength: 4 }),
      events,
      fc.nat(29),
      (plans, published, takenAt) => {
        const generated = new Side(plans, true);
        const closures = new Side(plans, false);
        let timeMs = 10_000;
        for (const [i, [one, elapsedMs]] of published.entries()) {
          timeMs += elapsedMs;
          expect(becomes(generated, one, i, timeMs)).toBe(becomes(closures, one, i, timeMs));
          if (i === takenAt) expectSame(generated.take(10_900), closures.take(10_900));
          expect(generated.bytes).toBe(closures.bytes);
        }
        expectSame(generated.take(Infinity), closures.take(Infinity));
        expect(generated.evaluator.isFused).toBe(published.length > 0);
      },
    );
    fc.assert(property, lawParameters(400));
  });

  test('wants what the interpreter finds true', () => {
    const property = fc.property(condition, fc.array(arbitraryEvent()), (where, published) => {
      const plan = { sample: null, where, fields: [], allFields: false };
      const side = new Side([{ stream: 's', source: plan, paneMs: 0, aggregation: null }], true);
      for (const [i, one] of published.entries()) {
        const truth = interpret(where, {
          ...{ event: plainValue(one), timeMs: 5, nowMs: 6, ingestMs: 7, slots: [] },
          ...{ elements: new Map(), counters: createEvalCounters() },
        });
        const bit = isTruthy(truth) ? LOOKED.wanted : LOOKED.filtered;
        expect(side.look(one, i + 1, 5)).toBe(bit);
      }
    });
    fc.assert(property, lawParameters(400));
  });

  test('goes on in many functions when there are many queries', () => {
    const property = fc.property(
      fc.array(query, { minLength: 60, maxLength: 60 }),
      events,
      (plans, published) => {
        const [generated, closures] = [new Side(plans, true), new Side(plans, false)];
        for (const [i, [one]] of published.entries()) {
          expect(becomes(generated, one, i, 1_000)).toBe(becomes(closures, one, i, 1_000));
        }
        expectSame(generated.take(Infinity), closures.take(Infinity));
      },
    );
    fc.assert(property, lawParameters(10));
  });
});

// ---- Hostile plans -----------------------------------------------------------------------------

/** Each would show if it ever became code. */
const BREAKOUTS = [
  '"];globalThis.pwned=1;//',
  "'];globalThis.pwned=1;//",
  '`${globalThis.pwned=1}`',
  '*/globalThis.pwned=1;/*',
  '\\"];globalThis.pwned=1;//',
  '\u2028globalThis.pwned=1;\u2029',
  '\n"use strict";globalThis.pwned=1\r\n',
  'constructor',
  '__proto__',
  'k0',
  'row',
  'event',
  '\ud800',
  '</script>',
  '\0',
];
const hostileText = fc.oneof(
  fc.constantFrom(...BREAKOUTS),
  fc.tuple(fc.constantFrom(...BREAKOUTS), fc.string()).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);
const hostilePath: fc.Arbitrary<FieldPath> = fc.oneof(
  hostileText.map((name): FieldPath => [{ by: 'name', name }]),
  hostileText.map((name): FieldPath => [{ by: 'name', name: `${name}.x` }]),
  fc.tuple(hostileText, hostileText).map(([a, b]): FieldPath => {
    return [
      { by: 'key', key: a },
      { by: 'key', key: b },
    ];
  }),
);
const hostileCondition = fc
  .tuple(
    hostilePath,
    hostileText,
    fc.constantFrom('eq', 'ne', 'lt', 'like', 'ilike', 'in', 'full', 'concat'),
  )
  .map(([path, text, how]): Expression => {
    const arg: Expression = { op: 'field', path };
    const constant: Expression = { op: 'literal', value: text };
    if (how === 'in') return { op: 'in', arg, list: [constant, { op: 'literal', value: 'x' }] };
    const pattern = text.replaceAll(/[^a-z0-9=.;]/gi, '.');
    if (how === 'full') return { op: 'match', mode: 'full', pattern, arg };
    return { op: 'call', name: how, args: [arg, constant] };
  });
const hostileQuery = fc
  .tuple(hostileCondition, hostilePath, hostilePath, hostileText)
  .map(([where, key, arg, salt]): [Omit<AgentQuery, 'query'>, readonly FieldPath[]] => {
    const aggregates = ['sum', 'quantile', 'first', 'count'].map((name): AggregateSpec => {
      const parameters = name === 'quantile' ? [0.5] : [];
      return { name, parameters, arg: { op: 'field', path: arg }, distinct: false, filter: where };
    });
    const keys: Expression[] = [{ op: 'field', path: key }];
    const drawn = { threshold: 1, factor: 1, salt, extrapolate: false } as const;
    return [
      {
        stream: 's',
        source: { sample: { kind: 'random', ...drawn }, where: null, fields: [], allFields: false },
        paneMs: 1_000,
        aggregation: { stage: { keys, aggregates, groupsMax: 10 }, emitEveryMs: 0 },
      },
      [key, arg],
    ];
  });

describe('a hostile plan', () => {
  test('stays data, and means what it says', () => {
    const property = fc.property(
      fc.array(hostileQuery, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(hostileText, fc.oneof(hostileText, fc.integer()))),
      (hostile, members) => {
        const plans = hostile.map(([plan]) => plan);
        const [generated, closures] = [new Side(plans, true), new Side(plans, false)];
        const named = hostile.flatMap(([, paths]) => paths.flatMap(keysOf));
        const full = Object.fromEntries([...named.map((key) => [key, 'x']), ...members]);
        for (const [i, one] of [{}, full, Object.fromEntries(members)].entries()) {
          expect(becomes(generated, one, i, 1_000)).toBe(becomes(closures, one, i, 1_000));
        }
        expectSame(generated.take(Infinity), closures.take(Infinity));
        expect(generated.evaluator.isFused).toBe(true);
        expect('pwned' in globalThis).toBe(false);
      },
    );
    fc.assert(property, lawParameters(200));
  });
});

function keysOf(path: FieldPath): readonly string[] {
  return path.flatMap((step) => {
    if (step.by === 'name') return [step.name];
    return step.by === 'key' ? [step.key] : [];
  });
}
