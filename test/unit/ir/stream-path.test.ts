/** What is asked of each of several streams, where a property of one of them is named. */
import { describe, expect, test } from 'vitest';
import { pathText } from '../../../src/ir/path-text.ts';
import type { QueryPlan } from '../../../src/ir/plan.ts';
import { shippedStage, sourceStageFor } from '../../../src/ir/source-stage.ts';
import { aggregateStageIn } from '../../../src/ir/stream-path.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

function planOf(text: string): QueryPlan {
  const { plan, diagnostics } = planQuery(text);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

function asked(text: string, stream: string): readonly string[] {
  const { allFields, fields } = sourceStageFor(planOf(text), stream);
  return [...fields.map(pathText), ...(allFields ? ['*'] : [])].toSorted();
}

describe('a stream is asked for what is read of it', () => {
  test.each([
    ['select p.a, x.b, c from plays p, errors x', ['a', 'c'], ['b', 'c']],
    ['select p.a, a from plays p, errors x', ['a'], ['a']],
    ['select p.*, x.b from plays p, errors x', ['*'], ['b']],
    ['select count(p.a.b), sum(x.n) from plays p, errors x group by p.k', ['a.b', 'k'], ['n']],
    ['select x.b from play* p, errors x where p.l[*].v = 1', ['l'], ['b']],
    ['select p.a from plays p, plays q', ['a'], []],
  ])('%s', (text, plays, errors) => {
    const isBoth = text.includes('errors');
    expect(asked(text, 'plays')).toEqual(plays);
    if (isBoth) expect(asked(text, 'errors')).toEqual(errors);
  });

  test('and its condition knows nothing of the others', () => {
    const plan = planOf('select * from plays p, errors x where p.a = 1 or x.l[*].v = 2');
    const ofPlays = JSON.stringify(sourceStageFor(plan, 'plays').where);
    expect(ofPlays).toContain('{"op":"field","path":[{"by":"name","name":"a"}]}');
    expect(ofPlays).toContain('{"op":"literal","value":false}');
    expect(ofPlays).not.toContain('"by":"stream"');
    expect(JSON.stringify(sourceStageFor(plan, 'errors').where)).toContain('"op":"some"');
  });

  test('and so is what agents aggregate', () => {
    const { aggregate } = planOf(
      'select sum(p.a) filter (where x.b) from plays p, errors x window 1',
    );
    if (aggregate === null) throw new Error('no aggregate');
    const [spec] = aggregateStageIn('errors', aggregate).aggregates;
    expect(spec?.arg).toEqual({ op: 'literal', value: null });
    expect(spec?.filter).toMatchObject({ op: 'field', path: [{ by: 'name', name: 'b' }] });
  });

  test('together they are asked for each column once', () => {
    const plan = planOf('select p.a, x.a, a, x.b from plays p, errors x');
    expect(shippedStage(plan).fields.map(pathText)).toEqual(['a', 'b']);
  });
});
