import { describe, expect, test } from 'vitest';
import { fieldSetOf } from '../../../src/edge/field-set.ts';
import { compileEdgeQuery, StreamEvaluator } from '../../../src/edge/stream-evaluator.ts';
import type { EdgeQuery } from '../../../src/edge/stream-evaluator.ts';
import type { Expression, FieldPath } from '../../../src/ir/expression.ts';
import type { SourceStage } from '../../../src/ir/plan.ts';
import type { Event } from '../../../src/model/value.ts';
import { CellBatchBuilder } from '../../../src/wire/cell-batch.ts';
import { FrameEncoder } from '../../../src/wire/frame-encoder.ts';
import {
  batchLimits,
  decoded,
  dictionaryLimits,
  newDecoder,
  rowsOf,
  stamp,
} from '../../support/wire-fixture.ts';

const name = (text: string): FieldPath => [{ by: 'name', name: text }];

function equals(field: string, value: string): Expression {
  const args: Expression[] = [
    { op: 'field', path: name(field) },
    { op: 'literal', value },
  ];
  return { op: 'call', name: 'eq', args };
}

function source(parts: Partial<SourceStage>): SourceStage {
  return { where: null, fields: [], allFields: false, ...parts };
}

function compiled(stage: unknown, paneMs = 0): EdgeQuery {
  const query = compileEdgeQuery(stage, paneMs);
  if (!query.ok) throw new Error(query.error);
  return query.value;
}

function evaluatorOf(...stages: readonly Partial<SourceStage>[]): StreamEvaluator {
  return new StreamEvaluator(stages.map((stage) => compiled(source(stage))));
}

/** Everything that would be in the frame. */
function shipped(evaluator: StreamEvaluator, events: readonly Event[]): readonly object[] {
  const builder = new CellBatchBuilder(evaluator.readers, evaluator.allFields, batchLimits);
  for (const event of events) if (evaluator.wants(event, 0, 0)) builder.append(event, 0);
  return rowsOf(
    decoded(newDecoder(), new FrameEncoder(dictionaryLimits).encode(builder.seal(), stamp())),
  );
}

const secretive = { region: 'eu', plan: 'pro', card: '4111', user: { name: 'ann', plan: 'x' } };

describe('which events leave', () => {
  test.each([
    { name: 'an event that one of the filters wants', region: 'eu', wanted: true },
    { name: 'an event that the other filter wants', region: 'us', wanted: true },
    { name: 'not an event that no filter wants', region: 'ap', wanted: false },
  ])('$name', ({ region, wanted }) => {
    const evaluator = evaluatorOf(
      { where: equals('region', 'eu') },
      { where: equals('region', 'us') },
    );
    expect(evaluator.wants({ region }, 0, 0)).toBe(wanted);
  });

  test('every event, if one query has no filter', () => {
    const evaluator = evaluatorOf({ where: equals('region', 'eu') }, {});
    expect(evaluator.wants({ region: 'ap' }, 0, 0)).toBe(true);
  });
});

describe('which fields leave', () => {
  test('those that some query reads, and no others', () => {
    const evaluator = evaluatorOf({ fields: [name('region')] }, { fields: [name('user.plan')] });
    expect(shipped(evaluator, [secretive])).toStrictEqual([{ region: 'eu', 'user.plan': 'x' }]);
  });

  test('none at all for a query that only counts', () => {
    expect(shipped(evaluatorOf({}), [secretive])).toStrictEqual([{}]);
  });

  test('a field that two queries read leaves once', () => {
    const { readers } = fieldSetOf([
      source({ fields: [name('region'), name('plan')] }),
      source({ fields: [name('plan')] }),
    ]);
    expect(readers.map(({ field }) => field.text)).toStrictEqual(['plan', 'region']);
  });

  test('the order of plans does not change the columns', () => {
    const one = source({ fields: [name('b')] });
    const two = source({ fields: [name('a')] });
    const texts = (stages: readonly SourceStage[]): readonly string[] =>
      fieldSetOf(stages).readers.map(({ field }) => field.text);
    expect(texts([one, two])).toStrictEqual(texts([two, one]));
  });

  test('every top-level key beside a path, for a query that selects all', () => {
    const evaluator = evaluatorOf({ fields: [name('user.name')] }, { allFields: true });
    expect(shipped(evaluator, [secretive])).toStrictEqual([{ 'user.name': 'ann', ...secretive }]);
  });
});

describe('checking plans', () => {
  test.each([
    { name: 'an unknown operation', stage: source({ where: { op: 'run' } as never }) },
    { name: 'fields that are no paths', stage: { where: null, fields: [1], allFields: false } },
    { name: 'no plan at all', stage: null },
    {
      name: 'a pattern that is no regular expression',
      stage: source({
        where: { op: 'match', mode: 'find', pattern: '(', arg: { op: 'literal', value: 'x' } },
      }),
    },
  ])('refuses $name', ({ stage }) => {
    expect(compileEdgeQuery(stage, 0)).toStrictEqual({ ok: false, error: 'ENGINE_BAD_QUERY' });
  });

  test('notes whether a filter needs true times', () => {
    const call = (text: string): Expression => ({ op: 'call', name: text, args: [] });
    const late: Expression = {
      op: 'and',
      args: [
        equals('a', 'b'),
        { op: 'not', arg: { op: 'call', name: 'gt', args: [call('now'), call('event_time')] } },
      ],
    };
    expect(evaluatorOf({ where: late }).readsClock).toBe(true);
    expect(evaluatorOf({ where: equals('a', 'b') }).readsClock).toBe(false);
  });

  test('knows the distinct panes of its queries', () => {
    const queries = [1_000, 0, 5_000, 1_000].map((paneMs) => compiled(source({}), paneMs));
    expect(new StreamEvaluator(queries).paneSizesMs).toStrictEqual([1_000, 5_000]);
  });
});
