/** Views: what FROM makes of saved queries, and what it says where it cannot. */
import { describe, expect, it } from 'vitest';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { PlannedQuery } from '../../../src/plan/plan-query.ts';
import { allViews } from '../../../src/plan/plan-views.ts';
import type { ViewDefinition } from '../../../src/plan/plan-views.ts';
import type { FieldCatalogue } from '../../../src/analyze/field-catalogue.ts';

const CATALOGUE: FieldCatalogue = {
  streams: () => ['plays', 'shadowed'],
  fields: () => [{ name: 'region', type: 'string' }],
};

const RATES = 'select region, count(*) as n from plays window 10s group by region';

function plan(
  text: string,
  definitions: Readonly<Record<string, string | Partial<ViewDefinition>>>,
): PlannedQuery {
  const views = {
    names: () => Object.keys(definitions),
    get: (name: string): ViewDefinition | undefined => {
      const given = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
      if (given === undefined) return undefined;
      const parts = typeof given === 'string' ? { text: given } : given;
      return { name, version: 1, text: '', params: {}, ...parts };
    },
  };
  return planQuery(text, { mode: 'live', catalogue: CATALOGUE, views });
}

function codes(planned: PlannedQuery): string[] {
  return planned.diagnostics.map(({ code }) => code);
}

describe('a view in FROM', () => {
  it('is planned on its own, and its plan names the stream that is read', () => {
    const planned = plan('select max(n) as top from rates window 1m', { rates: RATES });
    expect(planned.diagnostics).toEqual([]);
    const [view] = planned.views;
    expect(view!.planned.plan.fingerprint).toBe(planQuery(RATES).plan!.fingerprint);
    expect(planned.plan!.sources).toEqual([{ pattern: view!.stream, glob: false }]);
    expect(planned.canonical).toContain('FROM rates');
  });

  it('gives its columns as fields, so that a misspelt one is found', () => {
    const [found] = plan('select regoin from rates', { rates: RATES }).diagnostics;
    expect(found).toMatchObject({
      code: 'MQL_UNKNOWN_FIELD',
      hint: expect.stringContaining('region'),
    });
    expect(plan('select window_end, n from rates', { rates: RATES }).diagnostics).toEqual([]);
  });

  it('hands its warnings to whoever reads it, and not its own readers twice', () => {
    const loose = 'select region, count(*) as n from plays window 10s slide 20s';
    const own = plan(loose, {}).diagnostics;
    expect(own.length).toBeGreaterThan(1);
    const [told, ...others] = plan('select max(n) from loose window 1m', { loose }).diagnostics;
    expect(others).toEqual([]);
    expect(told).toMatchObject({ code: 'MQL_VIEW_WARNING', severity: 'warning' });
    expect(told!.message).toContain(`of the view \`loose\`: ${own[0]!.message}`);
    expect(told!.message).toContain(`${own.length - 1} more`);
    expect(told!.span).toMatchObject({ start: 19, end: 24 });
    const nested = plan('select max(m) from outer1 window 1m', {
      loose,
      outer1: 'select max(n) as m from loose window 30s',
    });
    expect(codes(nested)).toEqual(['MQL_VIEW_WARNING']);
  });

  it('is found by did-you-mean, and wins over a stream of its name with a warning', () => {
    const [unknown] = plan('select n from ratse', { rates: RATES }).diagnostics;
    expect(unknown).toMatchObject({ code: 'MQL_UNKNOWN_STREAM', hint: 'Did you mean `rates`?' });
    const hides = plan('select n from shadowed', { shadowed: RATES });
    expect(codes(hides)).toEqual(['MQL_VIEW_HIDES_STREAM']);
    expect(hides.views.map(({ name }) => name)).toEqual(['shadowed']);
  });

  it('is not matched by a pattern, and its inside cannot be named', () => {
    expect(plan('select n from rat*', { rates: RATES }).views).toEqual([]);
    const { stream } = plan('select n from rates', { rates: RATES }).views[0]!;
    expect(codes(plan(`select n from \`${stream}\``, { rates: RATES }))).toContain('MQL_BAD_VIEW');
  });

  it('may stand beside streams and under an alias', () => {
    const planned = plan('select r.n from rates r', { rates: RATES });
    expect(planned.diagnostics).toEqual([]);
    const both = plan('select count(*) as c from rates, plays window 1m', { rates: RATES });
    expect(both.plan!.sources).toHaveLength(2);
  });

  it('names another pipeline when it is defined anew, and the same one under another name', () => {
    const text = (name: string): string => `select max(n) as top from ${name} window 1m`;
    const before = plan(text('rates'), { rates: RATES }).plan!.fingerprint;
    const changed = plan(text('rates'), { rates: RATES.replace('10s', '20s') });
    expect(changed.plan!.fingerprint).not.toBe(before);
    expect(plan(text('same'), { same: `${RATES} ;` }).plan!.fingerprint).toBe(before);
  });
});

describe('parameters of a view', () => {
  const text = 'select count(*) as n from plays where region = $region window 10s';

  it('are bound by its definition', () => {
    const views = { rates: { text, params: { region: 'eu' } } };
    const planned = plan('select n from rates', views);
    expect(planned.diagnostics).toEqual([]);
    const bound = planQuery(text, { params: { region: 'eu' } });
    expect(planned.views[0]!.planned.plan.fingerprint).toBe(bound.plan!.fingerprint);
  });

  it('are not those of the reader', () => {
    const planned = planQuery('select n from rates where n > $region', {
      params: { region: 3 },
      views: {
        names: () => ['rates'],
        get: (name) => (name === 'rates' ? { name, version: 1, text, params: {} } : undefined),
      },
    });
    expect(planned.plan).toBeNull();
    expect(planned.diagnostics[0]).toMatchObject({
      code: 'MQL_BAD_VIEW',
      message: expect.stringContaining('$region has no value'),
    });
  });
});

describe('what cannot be read', () => {
  const cases = [
    ['select region from plays', /no WINDOW, so its rows never settle/],
    ['select count(*) from plays window session 30s', /windows whose ends nobody can foresee/],
    ['select count(*) from plays window |100|', /windows whose ends nobody can foresee/],
    ['select count(*) from plays', /no WINDOW, so its value is replaced/],
    ['select count(*) from plays window 10s limit 3', /ends after its LIMIT/],
    ['explain select count(*) from plays window 10s', /is an EXPLAIN/],
    ['select cuont(*) from plays window 10s', /has a mistake at 1:8/],
    ['select from where', /has a mistake at/],
  ] as const;

  it.each(cases)('%s', (text, message) => {
    const planned = plan('select ‹x› from bad'.replace(/[‹›]/g, ''), { bad: text });
    expect(planned.plan).toBeNull();
    expect(planned.diagnostics[0]).toMatchObject({
      code: 'MQL_BAD_VIEW',
      message: expect.stringMatching(message),
      span: { start: 14, end: 17 },
    });
  });

  it('shows the way of a circle', () => {
    const from = (name: string): string => `select count(*) as n from ${name} window 10s`;
    const { diagnostics, plan: none } = plan(from('a'), {
      a: from('b'),
      b: from('c'),
      c: from('b'),
    });
    expect(none).toBeNull();
    expect(diagnostics).toMatchObject([
      { code: 'MQL_VIEW_CYCLE', message: expect.stringContaining('b → c → b') },
    ]);
    expect(plan(from('a'), { a: from('a') }).diagnostics[0]!.message).toContain('a → a');
  });

  it('is nested deeper than four, whichever way was looked at first', () => {
    const from = (...names: string[]): string =>
      `select count(*) as n from ${names.join(', ')} window 10s`;
    const views = { a: from('b'), b: from('c'), c: from('d'), d: from('plays'), e: from('d', 'a') };
    const deep = plan(from('a'), views);
    expect(deep.diagnostics).toEqual([]);
    expect(allViews(deep.views).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    const tooDeep = plan(from('d', 'a', 'e'), views);
    expect(tooDeep.plan).toBeNull();
    expect(tooDeep.diagnostics[0]!.message).toMatch(/more than 4 deep: e → a/);
  });

  it('plans each view once, however many ways lead to it', () => {
    const views: Record<string, string> = {};
    const wide = Array.from({ length: 30 }, (_, i) => i);
    const from = (names: readonly string[]): string =>
      `select count(*) as n from ${names.join(', ')} window 10s`;
    for (const level of [1, 2, 3, 4]) {
      const below = level === 4 ? ['plays'] : wide.map((i) => `v${level + 1}_${i}`);
      for (const i of wide) views[`v${level}_${i}`] = from(below);
    }
    const planned = plan(from(wide.map((i) => `v1_${i}`)), views);
    expect(planned.plan).not.toBeNull();
    // Views that mean the same share one stream.
    expect(allViews(planned.views)).toHaveLength(4);
  });
});
