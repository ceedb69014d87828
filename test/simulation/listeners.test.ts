/** Readers inside the engine: what they hear of windows, and what they keep alive. */
import { describe, expect, test } from 'vitest';
import type { ListenerEffect, WindowEffect } from '../../src/coordinator/messages.ts';
import { groupKey } from '../../src/model/group-key.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const BY_REGION = 'select count(*) as n from plays window 1s group by region';

function listeningWorld(config: NonNullable<ConstructorParameters<typeof World>[0]>['config']): {
  world: World;
  heard: ListenerEffect[];
  windows: () => WindowEffect[];
  publish: (region: string) => void;
} {
  const world = new World({ config: { ...config } });
  const heard: ListenerEffect[] = [];
  world.onListener = (effect) => void heard.push(effect);
  const agent = world.agent('a');
  const plays = world.stream(agent, 'plays');
  world.start(agent);
  world.run(300);
  return {
    world,
    heard,
    windows: () => heard.filter((effect) => effect.type === 'window'),
    publish: (region) => void plays.publish({ region }),
  };
}

const listen = (query: string) =>
  ({ type: 'listen', listener: 'rule', query, params: {} }) as const;

describe('a listener', () => {
  test('hears every window that a subscriber hears, with equal rows, and none twice', () => {
    const { world, windows, publish } = listeningWorld({});
    world.input(listen(BY_REGION));
    const received = world.subscribe('s', BY_REGION);
    world.run(6_000, () => publish('eu'));
    const told = windowsOf(received).map(({ windowEnd, rows }) => ({ windowEnd, rows }));
    expect(windows().map(({ window }) => ({ windowEnd: window.endMs, rows: window.rows }))).toEqual(
      told,
    );
    expect(told.length).toBeGreaterThan(4);
  });

  test('never hears of an open window', () => {
    const { world, windows, publish } = listeningWorld({});
    world.input(listen('select count(*) as n from plays window 1s emit every 100ms'));
    world.run(4_000, () => publish('eu'));
    expect(windows().length).toBeGreaterThan(2);
    expect(windows().every(({ window }) => !window.provisional)).toBe(true);
  });

  test('keeps its pipeline without any subscriber, and lets it go when it leaves', () => {
    const { world, windows } = listeningWorld({ lingerMs: 500 });
    world.input(listen(BY_REGION));
    world.subscribe('s', BY_REGION);
    world.run(500);
    world.input({ type: 'unsubscribe', subscription: 's' });
    world.run(5_000);
    expect(world.engine.pipelines.size).toBe(1);
    const before = windows().length;
    expect(before).toBeGreaterThan(3);
    world.input({ type: 'unlisten', listener: 'rule' });
    world.run(1_000);
    expect(world.engine.pipelines.size).toBe(0);
    expect(windows()).toHaveLength(before);
  });

  test('keeps the groups it holds, and is told which were quiet', () => {
    const { world, windows, publish } = listeningWorld({ rememberedWindows: 1, rememberedMs: 0 });
    world.input(listen(BY_REGION));
    world.run(3_000, () => publish('eu'));
    world.input({ type: 'hold-groups', listener: 'rule', groups: [['eu'], ['us']] });
    world.run(8_000, () => publish('asia'));
    const last = windows().at(-1);
    expect(last?.window.rows).toMatchObject([
      { region: 'asia' },
      { region: 'eu', n: 0 },
      { region: 'us', n: 0 },
    ]);
    expect(last?.quiet).toEqual(new Set([groupKey(['eu']), groupKey(['us'])]));
    world.input({ type: 'hold-groups', listener: 'rule', groups: [] });
    world.run(3_000, () => publish('asia'));
    expect(windows().at(-1)?.window.rows).toMatchObject([{ region: 'asia' }]);
  });

  test.each([
    ['a query with mistakes', 'select count(* from plays', /ENGINE_BAD_QUERY/],
    ['a query without a window', 'select * from plays', /WINDOW/],
  ])('hears at once that it hears nothing of %s', (_, query, reason) => {
    const { world, heard } = listeningWorld({});
    world.input(listen(query));
    expect(heard).toMatchObject([{ type: 'deaf', listener: 'rule' }]);
    expect(heard[0]).toHaveProperty('reason', expect.stringMatching(reason));
  });

  test('hears that its query was stopped, and how the sources are', () => {
    const { world, heard } = listeningWorld({});
    world.input(listen(BY_REGION));
    world.run(2_500);
    const query = [...world.engine.pipelines.keys()][0] ?? '';
    world.input({ type: 'stop-query', query, reason: 'stopped by ann' });
    expect(heard.at(-1)).toEqual({ type: 'deaf', listener: 'rule', reason: 'stopped by ann' });
    const sources = heard.flatMap((e) => (e.type === 'source' ? [e.completeness.source] : []));
    expect(sources.length).toBeGreaterThan(1);
    expect(sources.at(-1)).toBe('live');
  });
});
