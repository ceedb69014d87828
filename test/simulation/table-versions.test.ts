/**
 * Tables that are replaced while queries look them up, over shards that hear of it at different
 * moments and fail: a result names the version it was made with, and none mixes two unsaid.
 */
import { expect, test } from 'vitest';
import type { RowsMessage } from '../../src/wire/results.ts';
import { SEEDS } from '../support/fault-schedule.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const QUERY =
  'select t.version as v, count(*) as n from plays p join titles t on p.k = t.id window 200ms group by t.version';
const KEYS = 5;

function putTable(world: World, version: number): void {
  const rows = Array.from({ length: KEYS }, (_, id) => ({ id, version }));
  world.input({ type: 'put-table', table: { name: 'titles', version, keyColumn: 'id', rows } });
}

/** Versions that the rows of a window met. */
function versionsOf({ rows }: RowsMessage): number[] {
  return rows.filter((row) => Number(row['n']) > 0).map((row) => Number(row['v']));
}

interface Play {
  readonly windows: readonly RowsMessage[];
  readonly versions: number;
}

function play(seed: number, carriesTime: boolean): Play {
  const world = new World({
    seed,
    shards: 1 + (seed % 3),
    config: { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300, startupMs: 0, futureMsMax: 400 },
    delayMs: (delays) => 1 + delays.int(10),
    flushMs: (delays) => delays.int(15),
  });
  let version = 1;
  putTable(world, version);
  const time = carriesTime ? ({ kind: 'field', field: 'ts' } as const) : {};
  const agents = Array.from({ length: 3 }, (_, i) => world.agent(`agent-${i}`));
  for (const agent of agents) {
    world.stream(agent, 'plays', time);
    world.start(agent);
  }
  world.run(300);
  const received = world.subscribe('s', QUERY);
  world.run(4_000, () => {
    const { rng } = world;
    if (rng.next() < 0.006) putTable(world, ++version);
    // The same version again, as after a restart, is no change.
    if (rng.next() < 0.003) putTable(world, version);
    if (rng.next() < 0.002) {
      const shard = rng.int(world.shards.length);
      world.crashShard(shard);
      world.startShard(shard);
    }
    for (const agent of agents) {
      if (rng.next() > 0.3) continue;
      const event = { k: rng.int(KEYS), ts: Math.floor(world.nowMs) };
      world.stream(agent, 'plays', time).publish(event);
    }
  });
  world.run(1_500);
  return { windows: windowsOf(received), versions: version };
}

test.each([false, true])('a window of one version names it (events carry time: %s)', (carries) => {
  let [named, mixed, changed] = [0, 0, 0];
  for (const seed of SEEDS.slice(0, 30)) {
    const { versions, windows } = play(seed, carries);
    changed += versions - 1;
    for (const window of windows) {
      const { reasons, status, tables } = window.completeness;
      const met = versionsOf(window);
      const where = `SEED=${seed}, window ${window.windowEnd}, versions ${met.join(', ')}`;
      if (reasons.includes('table-changed')) {
        expect(status, where).not.toBe('complete');
        if (met.length > 1) mixed++;
        continue;
      }
      if (met.length > 0) expect({ titles: met[0] }, where).toEqual(tables);
      expect(met.length, where).toBeLessThan(2);
      named++;
    }
  }
  expect(changed).toBeGreaterThan(30);
  expect(mixed).toBeGreaterThan(10);
  expect(named).toBeGreaterThan(200);
});
