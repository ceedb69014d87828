import { describe, expect, test } from 'vitest';
import { fieldSetOf } from '../../../src/edge/field-set.ts';
import { compileEdgeQuery } from '../../../src/edge/edge-query.ts';
import type { EdgeQuery } from '../../../src/edge/edge-query.ts';
import { FieldMemo } from '../../../src/edge/field-memo.ts';
import type { EdgeVerdict } from '../../../src/edge/stream-evaluator.ts';
import { StreamEvaluator } from '../../../src/edge/stream-evaluator.ts';

import type { Expression, FieldPath } from '../../../src/ir/expression.ts';
import type { SampleSpec, SourceStage } from '../../../src/ir/plan.ts';
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
  return { sample: null, where: null, fields: [], allFields: false, ...parts };
}

const around = {
  agentId: 'agent',
  budget: { bytes: 0, opened: false, layout: 0 },
  memo: new FieldMemo(),
};

function compiled(stage: unknown, paneMs = 0, named = 'q'): EdgeQuery {
  const plan = { source: stage as SourceStage, paneMs, query: named, aggregation: null };
  const query = compileEdgeQuery(plan, around);
  if (!query.ok) throw new Error(query.error);
  return query.value;
}

function judged(evaluator: StreamEvaluator, event: Event, sequence = 1): EdgeVerdict {
  evaluator.begin(event);
  return evaluator.judge(sequence);
}

function evaluatorOf(...stages: readonly Partial<SourceStage>[]): StreamEvaluator {
  const queries = stages.map((stage, index) => compiled(source(stage), 0, `q${index}`));
  return new StreamEvaluator(queries, 'agent', around.memo);
}

/** Everything that would be in the frame. */
function shipped(evaluator: StreamEvaluator, events: readonly Event[]): readonly object[] {
  const builder = new CellBatchBuilder(evaluator.readers, evaluator.allFields, batchLimits);
  for (const [index, event] of events.entries()) {
    if (judged(evaluator, event, index + 1) === 'wanted') builder.append(event, 0);
  }
  return rowsOf(
    decoded(newDecoder(), new FrameEncoder(dictionaryLimits).encode(builder.seal(), stamp())),
  );
}

/** Samples that take none and all: what lies between is the sampler's tests. */
const nothing: SampleSpec = {
  kind: 'random',
  threshold: 0,
  factor: 1,
  salt: '0',
  extrapolate: false,
};
const everything: SampleSpec = { ...nothing, threshold: 1 };

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
    expect(judged(evaluator, { region })).toBe(wanted ? 'wanted' : 'filtered');
  });

  test('every event, if one query has no filter', () => {
    const evaluator = evaluatorOf({ where: equals('region', 'eu') }, {});
    expect(judged(evaluator, { region: 'ap' })).toBe('wanted');
  });
});

describe('what samples leave out', () => {
  const eu = equals('region', 'eu');

  test.each([
    { name: 'an event that its sample takes', queries: [{ sample: everything }], is: 'wanted' },
    { name: 'one that its sample leaves out', queries: [{ sample: nothing }], is: 'sampled' },
    {
      name: 'one that its sample takes and its filter does not',
      queries: [{ sample: everything, where: equals('region', 'us') }],
      is: 'filtered',
    },
    {
      name: 'one that all samples leave out, whatever the filters say',
      queries: [{ sample: nothing, where: eu }, { sample: nothing }],
      is: 'sampled',
    },
    {
      name: 'one that a query without a sample wants',
      queries: [{ sample: nothing }, { where: eu }],
      is: 'wanted',
    },
    {
      name: 'one that a query without a sample does not want',
      queries: [{ sample: nothing }, { where: equals('region', 'us') }],
      is: 'filtered',
    },
    {
      name: 'one that the second sample takes',
      queries: [{ sample: nothing }, { sample: everything, where: eu }],
      is: 'wanted',
    },
  ])('$name', ({ queries, is }) => {
    expect(judged(evaluatorOf(...queries), { region: 'eu' })).toBe(is);
  });

  test('the decision of each sampled query travels beside the event', () => {
    const fields = [name('region')];
    const evaluator = evaluatorOf({ sample: nothing, fields }, { fields }, { sample: everything });
    expect(shipped(evaluator, [{ region: 'eu' }])).toStrictEqual([
      { region: 'eu', '%sample:q0': false, '%sample:q2': true },
    ]);
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
    { name: 'fields that are no paths', stage: { ...source({}), fields: [1] } },
    { name: 'a sample of no kind', stage: { ...source({}), sample: { kind: 'most' } } },
    {
      name: 'a sample of less than nothing',
      stage: { ...source({}), sample: { ...nothing, threshold: -1 } },
    },
    {
      name: 'a sample by keys without a list of them',
      stage: { ...source({}), sample: { ...nothing, kind: 'sticky', separator: false } },
    },
    { name: 'no plan at all', stage: null },
    {
      name: 'a pattern that is no regular expression',
      stage: source({
        where: { op: 'match', mode: 'find', pattern: '(', arg: { op: 'literal', value: 'x' } },
      }),
    },
  ])('refuses $name', ({ stage }) => {
    const plan = {
      source: stage as unknown as SourceStage,
      paneMs: 0,
      query: 'q',
      aggregation: null,
    };
    expect(compileEdgeQuery(plan, around)).toStrictEqual({ ok: false, error: 'ENGINE_BAD_QUERY' });
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
    expect(new StreamEvaluator(queries, 'agent', around.memo).paneSizesMs).toStrictEqual([
      1_000, 5_000,
    ]);
  });
});
