/** Which events samples take, held against hashes and picks that others published. */
import { describe, expect, test } from 'vitest';
import { javaStringHash, murmurOfWhole, murmurOfWord } from '../../../src/edge/sample-hash.ts';
import { compileSampler } from '../../../src/edge/sampler.ts';
import type { RandomSample, StickySample } from '../../../src/ir/plan.ts';
import type { Event } from '../../../src/model/value.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { sampled } from '../../../src/reference/reference-sample.ts';
import { readCases } from '../../support/mantis-conformance.ts';

describe('hashes', () => {
  test.each([
    ['', 0],
    ['a', 97],
    ['hello', 99_162_322],
    ['polygenelubricants', -2_147_483_648],
    ['😀', 0xd83d * 31 + 0xde00],
  ])('Java hashes %j to %i', (text, hash) => {
    expect(javaStringHash(text)).toBe(hash);
  });

  test.each([
    ['four zero bytes', 0, 0x2362f9de],
    ['21 43 65 87', 0x87654321, 0xf55b516b],
    ['the text `test`', 0x74736574, 0xba6bd213],
  ])('murmur of %s is the published one', (_name, word, hash) => {
    expect(murmurOfWord(word) >>> 0).toBe(hash);
  });

  test('murmur of a whole number uses all of its bits and the seed', () => {
    const numbers = [1, 2, 2 ** 32 + 1, 2 ** 52 + 1];
    const hashes = numbers.flatMap((n) => [murmurOfWhole(n, 0), murmurOfWhole(n, 7)]);
    expect(new Set(hashes).size).toBe(8);
  });
});

const sticky: StickySample = {
  kind: 'sticky',
  threshold: 50,
  factor: 100,
  salt: '0',
  extrapolate: false,
  keys: ['k'],
  separator: false,
};
const random: RandomSample = {
  kind: 'random',
  threshold: 1,
  factor: 2,
  salt: '0',
  extrapolate: false,
};

describe('STICKY', () => {
  const recorded = readCases().filter(
    ({ id, kind }) => kind === 'match' && /sticky|sample-extrapolate/.test(id),
  );

  test.each(recorded)('$id: agents and the reference pick alike', ({ query, events }) => {
    const { plan } = planQuery(String(query));
    const sample = plan?.source.sample ?? null;
    const takes = sample === null ? () => true : compileSampler(sample, 'any');
    const picked = sampled(
      sample,
      events.map((event) => ({ event, timeMs: 0 })),
    );
    expect(events.filter((event, i) => takes(event, i + 1, 0))).toEqual(
      picked.map(({ event }) => event),
    );
  });

  test('there are such records', () => {
    expect(recorded.length).toBeGreaterThan(10);
  });

  test.each<{ name: string; keys: readonly string[]; event: Event; same: Event }>([
    {
      name: 'a flat key comes before a path',
      keys: ['a.b'],
      event: { 'a.b': 1, a: { b: 2 } },
      same: { 'a.b': 1 },
    },
    {
      name: 'a path counts like a flat key',
      keys: ['a.b'],
      event: { a: { b: 7 } },
      same: { 'a.b': 7 },
    },
    {
      name: 'an absent key is skipped',
      keys: ['n', 'a'],
      event: { a: 'x' },
      same: { n: '', a: 'x' },
    },
    { name: 'numbers and their texts are one', keys: ['a'], event: { a: 2 }, same: { a: '2' } },
  ])('$name', ({ keys, event, same }) => {
    const salts = Array.from({ length: 40 }, (_, salt) => String(salt));
    const picks = (one: Event): number[] =>
      salts.map((salt) => compileSampler({ ...sticky, keys, salt }, 'any')(one, 1, 0));
    expect(picks(event)).toStrictEqual(picks(same));
    expect(new Set(picks(event)).size).toBe(2);
  });

  test('what JSON would make of a value is what counts', () => {
    const at = new Date(0);
    const salts = Array.from({ length: 40 }, (_, salt) => String(salt));
    const picks = (k: unknown): number[] =>
      salts.map((salt) => compileSampler({ ...sticky, salt }, 'any')({ k } as Event, 1, 0));
    expect(picks(at)).toStrictEqual(picks(at.toISOString()));
    expect(picks(12n)).toStrictEqual(picks('12'));
    for (const nothing of [undefined, null, Number.NaN, () => 1]) {
      expect(picks(nothing)).not.toContain(1);
    }
  });

  test('a separator keeps neighbours apart', () => {
    const pairs = Array.from({ length: 40 }, (_, i) => ({ a: `x${i}`, b: 'y' }));
    const moved = pairs.map(({ a, b }) => ({ a: a.slice(0, 1), b: a.slice(1) + b }));
    const picks = (events: readonly Event[], separator: boolean): number[] => {
      const takes = compileSampler({ ...sticky, keys: ['a', 'b'], separator }, 'any');
      return events.map((event) => takes(event, 1, 0));
    };
    expect(picks(pairs, false)).toStrictEqual(picks(moved, false));
    expect(picks(pairs, true)).not.toStrictEqual(picks(moved, true));
  });
});

describe('RANDOM', () => {
  const EVENTS = 20_000;

  test.each([0.001, 0.02, 0.5, 0.97])('takes a share of %f within five sigma', (share) => {
    for (const salt of ['0', '1', 'x']) {
      const takes = compileSampler({ ...random, threshold: share, factor: 1, salt }, 'web-1');
      let taken = 0;
      for (let i = 1; i <= EVENTS; i++) if (takes({}, i, 0)) taken++;
      const sigma = Math.sqrt(EVENTS * share * (1 - share));
      expect(Math.abs(taken - EVENTS * share)).toBeLessThan(5 * sigma);
    }
  });

  test.each([
    ['another salt', { salt: '1' }, 'web-1'],
    ['another agent', {}, 'web-2'],
  ])('%s takes other events', (_name, changes, agent) => {
    const one = compileSampler(random, 'web-1');
    const other = compileSampler({ ...random, ...changes }, agent);
    let both = 0;
    for (let i = 1; i <= EVENTS; i++) if (one({}, i, 0) && other({}, i, 0)) both++;
    // Independent halves meet in a quarter.
    expect(Math.abs(both - EVENTS / 4)).toBeLessThan(5 * Math.sqrt(EVENTS * 0.25 * 0.75));
  });

  test('neighbours are independent', () => {
    const takes = compileSampler(random, 'web-1');
    let pairs = 0;
    for (let i = 1; i <= EVENTS; i++) if (takes({}, i, 0) && takes({}, i + 1, 0)) pairs++;
    expect(Math.abs(pairs - EVENTS / 4)).toBeLessThan(5 * Math.sqrt(EVENTS * 0.25));
  });
});
