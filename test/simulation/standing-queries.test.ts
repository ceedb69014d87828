/**
 * Saved queries that are kept: they run without a reader, and only as long as they are saved so.
 */
import { beforeEach, expect, test } from 'vitest';
import { StandingQueries } from '../../src/coordinator/standing-queries.ts';
import type { KeptQuery } from '../../src/coordinator/standing-queries.ts';
import { queryView } from '../../src/coordinator/query-view.ts';
import { World } from '../support/world.ts';

let world: World;
let saved: KeptQuery[];
let standing: StandingQueries;
beforeEach(() => {
  world = new World({ config: { lingerMs: 1_000 } });
  const agent = world.agent('a');
  const plays = world.stream(agent, 'plays');
  world.start(agent);
  world.run(300);
  plays.publish({ region: 'eu' });
  saved = [];
  const listener = (name: string): string => `series:${name}`;
  standing = new StandingQueries({
    kept: () => saved,
    keeper: {
      keep: (name, query, params) =>
        world.input({ type: 'listen', listener: listener(name), query, params }),
      release: (name) => world.input({ type: 'unlisten', listener: listener(name) }),
    },
  });
  world.onListener = (effect) => standing.hear(effect, world.nowMs);
});

function save(name: string, text: string): void {
  const { plan } = world.engine.check(text);
  const query = { name, text, params: {}, fingerprint: plan?.fingerprint ?? null };
  saved = [...saved.filter((one) => one.name !== name), query];
  standing.sync();
}

function running(): ReturnType<typeof queryView>[] {
  return [...world.engine.pipelines.values()].map((pipeline) =>
    queryView(pipeline, world.engine.registry, world.nowMs),
  );
}

const COUNT = 'select count(*) as n from plays window 1s';

test('a kept query runs without a reader and says that it stands, and for whom', () => {
  save('sps', COUNT);
  world.run(5_000);
  expect(running()).toMatchObject([
    { standing: true, kept: ['sps'], subscribers: 0, windows: expect.any(Number) as number },
  ]);
  expect(running()[0]?.windows).toBeGreaterThan(2);
  expect(standing.list()).toEqual([{ name: 'sps', query: running()[0]?.id, problem: null }]);
});

test('removing it lets it go after `lingerMs`, as if its last reader had left', () => {
  save('sps', COUNT);
  world.run(2_000);
  saved = [];
  standing.sync();
  expect(running()).toMatchObject([{ standing: false, kept: [] }]);
  world.run(1_500);
  expect(running()).toEqual([]);
  expect(standing.list()).toEqual([]);
});

test('altering it begins the new one and lets the old one go', () => {
  save('sps', COUNT);
  world.run(2_000);
  save('sps', 'select count(*) as n from plays window 2s');
  world.run(2_500);
  expect(running().map(({ canonical }) => canonical)).toEqual([
    expect.stringMatching(/window 2s/i),
  ]);
});

test('what did not change goes on as it was', () => {
  save('sps', COUNT);
  world.run(2_000);
  const before = running()[0]?.startedAt;
  save('other', 'select max(n) as m from plays window 1s');
  expect(running().find(({ kept }) => kept.includes('sps'))?.startedAt).toBe(before);
});

test('two names for one query share it, and it stays until the last lets go', () => {
  save('sps', COUNT);
  save('starts', COUNT);
  expect(running()).toMatchObject([{ kept: ['sps', 'starts'] }]);
  saved = saved.filter(({ name }) => name === 'starts');
  standing.sync();
  world.run(3_000);
  expect(running()).toMatchObject([{ standing: true, kept: ['starts'] }]);
});

test('one that was stopped, or cannot begin, says so and is tried again', () => {
  save('sps', COUNT);
  world.run(1_000);
  world.input({ type: 'stop-query', query: running()[0]!.id, reason: 'stopped by ada' });
  expect(standing.list()).toEqual([{ name: 'sps', query: null, problem: 'stopped by ada' }]);
  standing.tick(world.nowMs + 5_000);
  expect(running()).toEqual([]);
  standing.tick(world.nowMs + 20_000);
  expect(running()).toMatchObject([{ kept: ['sps'] }]);
  save('broken', 'select count(*) as n from plays');
  expect(standing.list().at(-1)?.problem).toContain('WINDOW');
});
