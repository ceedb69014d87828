import { describe, expect, it, test } from 'vitest';
import { patternProblem } from '../../../src/expr/check-patterns.ts';
import { validateExpression, validatePlan } from '../../../src/ir/validate.ts';
import {
  aggregate,
  call,
  field,
  lit,
  plan,
  slot,
  tumbling,
} from '../../support/reference-plans.ts';

const OPTIONS = { patternProblem, hasAggregate: (name: string) => name === 'count' };
const element = { op: 'element', id: 0, path: [] };

const good = plan({
  where: call('gt', field('a'), lit(1)),
  keys: [field('k')],
  aggregates: [aggregate('count', { filter: field('x') })],
  window: tumbling(1_000),
  final: { having: slot(1), orderBy: [{ expression: slot(0), descending: true, nulls: 'last' }] },
});

describe('a plan', () => {
  it('that is well made passes as it is, after a trip through JSON', () => {
    const json: unknown = JSON.parse(JSON.stringify(good));
    expect(validatePlan(json, OPTIONS)).toEqual({ ok: true, value: good });
  });

  test.each<{ name: string; json: unknown; path: string }>([
    { name: 'is no list', json: [], path: '' },
    { name: 'is not null', json: null, path: '' },
    { name: 'has a version that is understood', json: { ...good, version: 99 }, path: 'version' },
    {
      name: 'names its sources',
      json: { ...good, sources: [{ pattern: 1 }] },
      path: 'sources[0].pattern',
    },
    {
      name: 'has windows of whole panes',
      json: { ...good, window: { kind: 'time', sizeMs: 10, slideMs: 10, paneMs: 3 } },
      path: 'window.sizeMs',
    },
    {
      name: 'has no window of length 0',
      json: { ...good, window: { kind: 'none', paneMs: 0 } },
      path: 'window.paneMs',
    },
    {
      name: 'reads slots that exist',
      json: { ...good, final: { ...good.final, having: slot(2) } },
      path: 'final.having.index',
    },
    {
      name: 'reads no event after aggregation',
      json: { ...good, final: { ...good.final, having: field('a') } },
      path: 'final.having',
    },
    {
      name: 'reads no slot before aggregation',
      json: { ...good, source: { ...good.source, where: slot(0) } },
      path: 'source.where.index',
    },
    {
      name: 'knows its aggregates',
      json: { ...good, aggregate: { keys: [], aggregates: [aggregate('no')], groupsMax: 1 } },
      path: 'aggregate.aggregates[0].name',
    },
    {
      name: 'has room for a group',
      json: { ...good, aggregate: { keys: [], aggregates: [], groupsMax: 0 } },
      path: 'aggregate.groupsMax',
    },
    {
      name: 'has no fraction of a row',
      json: { ...good, final: { ...good.final, rowsMax: 1.5 } },
      path: 'final.rowsMax',
    },
    { name: 'has a final stage', json: { ...good, final: undefined }, path: 'final' },
  ])('$name', ({ json, path }) => {
    expect(validatePlan(json, OPTIONS)).toMatchObject({ ok: false, error: { path } });
  });
});

describe('an expression', () => {
  test.each<{ name: string; json: unknown; message: string }>([
    { name: 'is an object', json: 1, message: 'must be an object' },
    { name: 'has a known kind', json: { op: 'constructor' }, message: 'no such kind' },
    {
      name: 'calls known functions',
      json: { op: 'call', name: 'eval', args: [] },
      message: 'no such function',
    },
    {
      name: 'calls by a string',
      json: { op: 'call', name: ['abs'], args: [lit(1)] },
      message: 'no such function',
    },
    { name: 'passes enough arguments', json: call('add', lit(1)), message: 'takes 2 to 2' },
    {
      name: 'passes a list of arguments',
      json: { op: 'call', name: 'abs', args: { length: 1 } },
      message: 'must be a list',
    },
    {
      name: 'has patterns that compile',
      json: { op: 'match', mode: 'find', pattern: '(', arg: lit('') },
      message: 'missing closing',
    },
    {
      name: 'extracts by a constant pattern',
      json: call('regexp_extract', lit('a'), field('p')),
      message: 'must be a string',
    },
    { name: 'stands inside its list', json: element, message: 'stands outside' },
    {
      name: 'walks over something of the event',
      json: { op: 'some', id: 0, over: lit([1]), condition: element },
      message: 'must be a field',
    },
    {
      name: 'does not reuse an id inside',
      json: {
        op: 'some',
        id: 0,
        over: field('l'),
        condition: { op: 'some', id: 0, over: field('l'), condition: element },
      },
      message: 'is taken',
    },
    {
      name: 'has whole indexes',
      json: { op: 'field', path: [{ by: 'index', index: 0.5 }] },
      message: 'whole number',
    },
    {
      name: 'has known steps',
      json: { op: 'field', path: [{ by: 'eval' }] },
      message: 'no such kind of step',
    },
    { name: 'has finite numbers', json: lit(Number.NaN), message: 'number' },
  ])('$name', ({ json, message }) => {
    const checked = validateExpression(json, OPTIONS);
    expect(checked.ok ? 'passed' : checked.error.message).toContain(message);
  });

  it('is not nested without end, and not endless', () => {
    let deep: unknown = lit(1);
    for (let i = 0; i < 100_000; i += 1) deep = { op: 'not', arg: deep };
    expect(validateExpression(deep, OPTIONS)).toMatchObject({ ok: false });
    const wide = { op: 'and', args: Array.from({ length: 30_000 }, () => lit(1)) };
    expect(validateExpression(wide, OPTIONS)).toMatchObject({ ok: false });
  });
});
