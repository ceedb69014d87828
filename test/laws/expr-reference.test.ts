/** The compiled evaluator and the naive one agree on every expression and every event. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternProblem } from '../../src/expr/check-patterns.ts';
import { createEvalCounters, createRowContext } from '../../src/expr/context.ts';
import type { EvalCounters } from '../../src/expr/context.ts';
import { compileExpression, compilePredicate } from '../../src/expr/row.ts';
import type { Expression } from '../../src/ir/expression.ts';
import { validateExpression } from '../../src/ir/validate.ts';
import { canonicalText } from '../../src/model/value-text.ts';
import { isTruthy } from '../../src/model/value-equality.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { interpret } from '../../src/reference/interpret-expression.ts';
import { arbitraryEvent } from '../support/arbitrary-event.ts';
import { arbitraryExpression } from '../support/arbitrary-expression.ts';
import { lawParameters } from '../support/laws.ts';

const TIMES = { timeMs: 61_001, ingestMs: 61_002, nowMs: 61_003 };

function compiled(expression: Expression, event: Event): [Value, EvalCounters] {
  const counters = createEvalCounters();
  const row = Object.assign(createRowContext(), TIMES, { event });
  return [compileExpression(expression, counters)(row), counters];
}

function interpreted(expression: Expression, event: Event): [Value, EvalCounters] {
  const counters = createEvalCounters();
  const elements = new Map<number, Value>();
  return [interpret(expression, { ...TIMES, event, slots: [], elements, counters }), counters];
}

describe('compiled expressions', () => {
  it('have the value and the problems that the reference interpreter finds', () => {
    fc.assert(
      fc.property(arbitraryExpression(), arbitraryEvent(), (expression, event) => {
        const [value, counters] = compiled(expression, event);
        const [wanted, wantedCounters] = interpreted(expression, event);
        expect(canonicalText(value)).toBe(canonicalText(wanted));
        expect(counters).toEqual(wantedCounters);
      }),
      lawParameters(2_000),
    );
  });

  it('as predicates are the truth of the value', () => {
    fc.assert(
      fc.property(arbitraryExpression(), arbitraryEvent(), (expression, event) => {
        const row = Object.assign(createRowContext(), TIMES, { event });
        const [value] = compiled(expression, event);
        expect(compilePredicate(expression, createEvalCounters())(row)).toBe(isTruthy(value));
      }),
      lawParameters(500),
    );
  });

  it('leave nothing of one event behind for the next', () => {
    fc.assert(
      fc.property(arbitraryExpression(), fc.array(arbitraryEvent()), (expression, events) => {
        const counters = createEvalCounters();
        const run = compileExpression(expression, counters);
        const row = Object.assign(createRowContext(), TIMES);
        for (const event of events) {
          row.event = event;
          expect(canonicalText(run(row))).toBe(canonicalText(compiled(expression, event)[0]));
        }
      }),
      lawParameters(300),
    );
  });

  it('pass validation, also after a trip through JSON', () => {
    fc.assert(
      fc.property(arbitraryExpression(), (expression) => {
        const json: unknown = JSON.parse(JSON.stringify(expression));
        expect(validateExpression(json, { patternProblem })).toMatchObject({ ok: true });
      }),
      lawParameters(300),
    );
  });
});
