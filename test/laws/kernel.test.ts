/**
 * Kernels answer, and count, exactly what the row closures would for every row: whatever columns
 * the fields come in, across batches, dictionary resets and connections.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEvalCounters, createRowContext } from '../../src/expr/context.ts';
import { compileExpression, compilePredicate as compileRowPredicate } from '../../src/expr/row.ts';
import type { Expression, FieldPath } from '../../src/ir/expression.ts';
import { BatchView } from '../../src/kernel/batch-view.ts';
import { FieldSet } from '../../src/kernel/field-set.ts';
import { GroupTable } from '../../src/kernel/group.ts';
import { mapFields } from '../../src/ir/map-fields.ts';
import { compileNumeric } from '../../src/kernel/numeric.ts';
import { compilePredicate } from '../../src/kernel/predicate.ts';
import { allRows } from '../../src/kernel/selection.ts';
import { groupKey } from '../../src/model/group-key.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { arbitraryEvent, KEYS } from '../support/arbitrary-event.ts';
import { arbitraryExpression } from '../support/arbitrary-expression.ts';
import { namePath, TestConnection, TestInterner } from '../support/batch-builder.ts';
import { lawParameters } from '../support/laws.ts';

const NOW_MS = 1_700_000_000_000;

/** Columns of one type are what kernels are made for, so most events keep types apart. */
const typedEvent: fc.Arbitrary<Event> = fc
  .record({
    a: fc.constantFrom<Value>(null, 'a', 'b', 'ab', ''),
    b: fc.constantFrom<Value>(null, 0, 1, -1.5, 100, 2),
    c: fc.constantFrom<Value>(null, true, false),
    l: fc.integer({ min: -3, max: 3 }),
    'a.b': fc.constantFrom<Value>(null, 'a', 'x'),
  })
  .map((event) => event as Event);

/** As an agent ships all fields: no nulls, keys in one order. */
function normal(event: Event): Event {
  const keys = Object.keys(event).filter((key) => event[key] !== null);
  return Object.fromEntries(keys.sort().map((key) => [key, event[key]!]));
}

const events = fc.oneof(
  fc.array(typedEvent, { minLength: 1, maxLength: 30 }),
  fc.array(arbitraryEvent().map(normal), { minLength: 1, maxLength: 10 }),
);
const delivery = fc.record({ allKeys: fc.boolean(), plain: fc.boolean(), reset: fc.boolean() });
const deliveries = fc.array(fc.tuple(events, delivery), { minLength: 1, maxLength: 3 });

function pathsOf(expression: Expression): FieldPath[] {
  const paths: FieldPath[] = [];
  mapFields(expression, (path) => {
    paths.push(path);
    return { op: 'field', path };
  });
  return paths;
}

/** What the row closures say of each event, with times as the builder gives them. */
function byRows<T>(
  evaluate: (row: ReturnType<typeof createRowContext>) => T,
  shown: readonly Event[],
): T[] {
  const context = createRowContext();
  context.nowMs = NOW_MS;
  context.ingestMs = NOW_MS;
  return shown.map((event, i) => {
    context.event = event;
    context.timeMs = i + 1;
    return evaluate(context);
  });
}

const expression = fc.oneof(arbitraryExpression({ depth: 1 }), arbitraryExpression({ depth: 2 }));

test('predicates select, and count, what row closures do', () => {
  fc.assert(
    fc.property(expression, deliveries, (condition, delivered) => {
      const expectedCounters = createEvalCounters();
      const holds = compileRowPredicate(condition, expectedCounters);
      const counters = createEvalCounters();
      const fields = new FieldSet();
      const kernel = compilePredicate(condition, fields, counters);
      const view = new BatchView(fields);
      const connection = new TestConnection();
      for (const [raw, { allKeys, plain, reset }] of delivered) {
        const shown = raw.map(normal);
        if (reset) connection.resetDictionaries();
        const paths = allKeys && Object.keys(shown[0]!).length > 0 ? [] : pathsOf(condition);
        const batch = connection.batch(shown, { paths, allKeys, plain });
        expect(view.bind(batch, NOW_MS)).toBe('bound');
        const out = new Uint32Array(shown.length);
        const n = kernel.select(view, allRows(shown.length), shown.length, out);
        const expected = byRows(holds, shown).flatMap((held, i) => (held ? [i] : []));
        expect([...out.subarray(0, n)]).toEqual(expected);
      }
      expect(counters).toEqual(expectedCounters);
    }),
    lawParameters(1_000),
  );
});

const arithmetic = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...KEYS).map((name): Expression => ({ op: 'field', path: namePath(name) })),
    fc.constantFrom(0, 1, -2.5).map((value): Expression => ({ op: 'literal', value })),
    fc
      .tuple(
        fc.constantFrom('add', 'subtract', 'multiply', 'divide', 'modulo'),
        tie('expression'),
        tie('expression'),
      )
      .map(([name, a, b]): Expression => ({ op: 'call', name, args: [a, b] })),
    tie('expression').map((a): Expression => ({ op: 'call', name: 'negate', args: [a] })),
  ),
})).expression;

test('vectors hold, and count, what row closures yield wherever columns are numbers', () => {
  fc.assert(
    fc.property(arithmetic, events, fc.boolean(), (formula, raw, half) => {
      const shown = raw.map(normal);
      const expectedCounters = createEvalCounters();
      const evaluate = compileExpression(formula, expectedCounters);
      const counters = createEvalCounters();
      const fields = new FieldSet();
      const kernel = compileNumeric(formula, fields, counters)!;
      const view = new BatchView(fields);
      view.bind(new TestConnection().batch(shown, { paths: pathsOf(formula) }), NOW_MS);
      const rows = [...shown.keys()].filter((row) => !half || row % 2 === 0);
      const vector = kernel.evaluate(view, Uint32Array.from(rows), rows.length);
      if (vector === null) {
        expect(counters).toEqual(createEvalCounters());
        return;
      }
      const expected = byRows(
        evaluate,
        rows.map((row) => shown[row]!),
      );
      const found = [...vector.subarray(0, rows.length)];
      // −0 and 0 are one value; a vector need not tell them apart.
      expect(found.map((x) => (Number.isNaN(x) ? null : x + 0))).toEqual(
        expected.map((value) => (typeof value === 'number' ? value + 0 : value)),
      );
      expect(counters).toEqual(expectedCounters);
    }),
    lawParameters(500),
  );
});

test('groups are one exactly when their keys are, whatever columns they come in', () => {
  const keys = fc.array(
    fc.constantFrom(...KEYS).map((name): Expression => ({ op: 'field', path: namePath(name) })),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(keys, deliveries, fc.integer({ min: 1, max: 12 }), (by, delivered, groupsMax) => {
      const counters = createEvalCounters();
      const fields = new FieldSet();
      const table = new GroupTable(by, fields, counters, groupsMax);
      const view = new BatchView(fields);
      const interner = new TestInterner();
      const known = new Map<string, number>();
      for (const [raw, { plain, reset }] of delivered) {
        const shown = raw.map(normal);
        // Another connection now and then: its own dictionaries, the same strings.
        const connection = new TestConnection({ interner });
        if (reset) connection.resetDictionaries();
        view.bind(connection.batch(shown, { paths: by.flatMap(pathsOf), plain }), NOW_MS);
        const groups = [...table.assign(view, allRows(shown.length), shown.length)];
        groups.length = shown.length;
        const tuples = by.map((key) => byRows(compileExpression(key, counters), shown));
        groups.forEach((group, i) => {
          const name = groupKey(tuples.map((values) => values[i]!));
          if (!known.has(name)) {
            const fresh =
              known.size < groupsMax
                ? table.keys.findIndex((k) => groupKey(k) === name)
                : table.overflow;
            if (known.size < groupsMax) known.set(name, fresh!);
            expect(group).toBe(fresh);
          } else {
            expect(group).toBe(known.get(name));
          }
        });
      }
      expect(table.count).toBe(known.size + (table.overflow === null ? 0 : 1));
    }),
    lawParameters(500),
  );
});
