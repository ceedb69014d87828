/** SAMPLE from text to plan: the specification, EXPLAIN, and the bounds of extrapolated columns. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { SampleSpec } from '../../../src/ir/plan.ts';
import { explainPlan } from '../../../src/plan/explain.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { evaluate } from '../../../src/reference/evaluate.ts';

const SHARE = { threshold: 200, factor: 10_000, salt: '0', extrapolate: false };

describe('the specification', () => {
  test.each<{ text: string; is: SampleSpec | null }>([
    { text: 'sample 2%', is: { kind: 'random', ...SHARE, threshold: 2, factor: 100 } },
    { text: 'sample 0%', is: { kind: 'random', ...SHARE, threshold: 0, factor: 100 } },
    { text: 'sample 100%', is: null },
    { text: 'sample {}', is: null },
    { text: `sample {"strategy":"random"}`, is: null },
    { text: `sample {"strategy":"RANDOM","threshold":200}`, is: { kind: 'random', ...SHARE } },
    { text: `sample {"strategy":"RANDOM","threshold":20000}`, is: null },
    {
      text: `sample {"strategy":"STICKY","threshold":200,"keys":["a","b.c"],"salt":-3}`,
      is: { kind: 'sticky', ...SHARE, salt: '-3', keys: ['a', 'b.c'], separator: false },
    },
    {
      text: `sample {"strategy":"sticky","threshold":200,"keys":["a"],"salt":"x","separator":true,"extrapolate":true}`,
      is: { kind: 'sticky', ...SHARE, salt: 'x', extrapolate: true, keys: ['a'], separator: true },
    },
  ])('$text', ({ text, is }) => {
    expect(planQuery(`select * from plays ${text}`).plan?.source.sample).toEqual(is);
  });

  test('its canonical text means the same', () => {
    const first = planQuery(
      `select count(*) sample {'salt':7,'keys':['a'],'threshold':5,'strategy':'sticky'} where b`,
    );
    const again = planQuery(first.canonical);
    expect(again.canonical).toBe(first.canonical);
    expect(again.plan?.fingerprint).toBe(first.plan?.fingerprint);
  });

  test('another sample is another plan', () => {
    const prints = ['', 'sample 1%', 'sample 2%', `sample {"strategy":"RANDOM","threshold":1}`].map(
      (text) => planQuery(`select count(*) ${text}`).plan?.fingerprint,
    );
    expect(new Set(prints).size).toBe(prints.length);
  });

  test.each([
    ['sample 2%', '├─ sample: 2 of 100 by chance'],
    [
      `sample {"strategy":"STICKY","threshold":5,"keys":["a","b"],"salt":7,"separator":true}`,
      '├─ sample: 5 of 10000 by a, b, salt 7, separated',
    ],
  ])('EXPLAIN tells of %s', (text, line) => {
    const { plan } = planQuery(`select * ${text}`);
    expect(plan === null ? [] : explainPlan(plan).split('\n')).toContain(line);
  });
});

/** A multiple of 10 s. */
const START_MS = 1_700_000_000_000;

const tenth = (rest: string): string =>
  `sample {"strategy":"RANDOM","threshold":1000,"extrapolate":true${rest}}`;

describe('bounds', () => {
  test.each([
    ['count(*) as n', ['n', 'n ±']],
    ['sum(x), avg(x)', ['SUM(x)', 'SUM(x) ±', 'AVG(x)']],
    ['rate() as r, rate(x) as q', ['r', 'r ±', 'q', 'q ±']],
    ['count(*) / 2 as half, count(distinct x) as d', ['half', 'd']],
  ])('of %s', (list, names) => {
    const { columns } = planQuery(`select ${list} ${tenth('')}`);
    expect(columns.map(({ name }) => name)).toEqual(names);
    for (const { name, role } of columns) expect(role).toBe(name.endsWith('±') ? 'meta' : 'value');
  });

  test.each([
    ['without extrapolation', 'sample 10%'],
    ['for keys', `sample {"strategy":"STICKY","threshold":1,"keys":["k"],"extrapolate":true}`],
    ['for a whole sample', `sample {"strategy":"RANDOM","extrapolate":true}`],
  ])('there are none %s', (_name, text) => {
    expect(planQuery(`select count(*) as n ${text}`).columns).toHaveLength(1);
  });

  test('hold the truth in about 95 of 100 samples', async () => {
    const rng = createRng(7);
    const xs = Array.from({ length: 1_000 }, () => rng.int(100));
    const total = xs.reduce((sum, x) => sum + x, 0);
    const truth = { n: xs.length, s: total, r: xs.length / 10, q: total / 10 };
    const events = xs.map((x, i) => ({ ts: START_MS + i * 10, x }));
    const held = { n: 0, s: 0, r: 0, q: 0 };
    const names = ['n', 's', 'r', 'q'] as const;
    for (let salt = 0; salt < 100; salt++) {
      const list = 'count(*) as n, sum(x) as s, rate() as r, rate(x) as q';
      const { rows } = await evaluate(
        `select ${list} window 10s ${tenth(`,"salt":${salt}`)}`,
        events,
      );
      for (const name of names) {
        const off = Math.abs(Number(rows[0]?.[name]) - truth[name]);
        if (off <= Number(rows[0]?.[`${name} ±`])) held[name]++;
      }
    }
    for (const name of names) {
      expect(held[name]).toBeGreaterThanOrEqual(88);
      expect(held[name]).toBeLessThan(100);
    }
  });

  test('nothing sampled is not nothing for certain', async () => {
    const query = `select count(*) as n, sum(x) as s ${tenth('')}`;
    const { rows, completeness } = await evaluate(query, []);
    expect(rows).toEqual([{ n: 0, 'n ±': expect.closeTo(34.57, 1), s: 0, 's ±': null }]);
    expect(completeness.sampleFactor).toBe(0.1);
  });
});

describe('so many a second, extrapolated', () => {
  const RATE = `sample {"strategy":"RPS","threshold":20,"extrapolate":true}`;

  test.each([
    ['count(*)', ['COUNT(*)', 'COUNT(*) ±']],
    ['count(x) as n, avg(x)', ['n', 'n ±', 'AVG(x)']],
    ['sum(x) filter (where y)', ['SUM(x) FILTER (WHERE y)', 'SUM(x) FILTER (WHERE y) ±']],
    ['rate() as r, rate(x) as q', ['r', 'r ±', 'q', 'q ±']],
    ['count(distinct x) as d, count(*) / 2 as half', ['d', 'half']],
  ])('bounds of %s', (list, names) => {
    const { columns, plan } = planQuery(`select ${list} from plays window 1s ${RATE}`);
    expect(columns.map(({ name }) => name).slice(-names.length)).toEqual(names);
    // Agents make the weights and are not asked for them.
    expect(JSON.stringify(plan?.source.fields)).not.toContain('%');
  });

  test('rows have no use for weights', () => {
    const { plan } = planQuery(`select x from plays ${RATE}`);
    expect(plan?.source.sample).toMatchObject({ kind: 'rps', extrapolate: false });
  });

  test('EXPLAIN says so', () => {
    const { plan } = planQuery(`select count(*) from plays window 1s ${RATE}`);
    expect(plan === null ? '' : explainPlan(plan)).toContain(
      '├─ sample: 20 a second, dealt to the agents, extrapolated by weights',
    );
  });

  test('COUNT, SUM and RATE hold the truth in about 95 of 100 windows', async () => {
    const WINDOWS = 400;
    const rng = createRng(11);
    const events = Array.from({ length: WINDOWS * 300 }, (_, i) => ({
      ts: START_MS + Math.floor((i * 1_000) / 300),
      x: rng.next() * 20,
      y: rng.next() < 0.4,
    }));
    const list = 'count(*) as n, sum(x) as s, rate(x) as r';
    const query = `select ${list} where y window 1s`;
    const { rows: whole } = await evaluate(query, events);
    const { rows } = await evaluate(
      `${query} sample {"strategy":"RPS","threshold":120,"extrapolate":true}`,
      events,
    );
    for (const name of ['n', 's', 'r']) {
      const misses = rows.filter((row, i) => {
        const off = Math.abs(Number(row[name]) - Number(whole[i]?.[name]));
        return off > Number(row[`${name} ±`]);
      });
      expect(misses.length, name).toBeLessThanOrEqual(WINDOWS * 0.07);
      // Bounds that say nothing hold everything.
      expect(misses.length, name).toBeGreaterThan(0);
    }
  }, 90_000);
});
