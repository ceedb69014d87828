/** An engine that is killed and starts again knows whom it waits for. */
import { expect, test } from 'vitest';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const CONFIG = {
  ...{ leaseMs: 1_000, heartbeatMs: 200, closeWaitMs: 300, startupMs: 10_000 },
  reconnectMaxMs: 500,
};
const QUERY = 'select count(*) as n from plays window 1s';

function started(): World {
  const world = new World({ config: CONFIG });
  for (const name of ['web-1', 'web-2']) {
    const agent = world.agent(name);
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(1_000);
  return world;
}

function reasons(world: World, fromMs: number, untilMs: number): string[] {
  const told = windowsOf(world.received.get('after')!);
  const within = told.filter(
    ({ windowStart, windowEnd }) => windowStart! >= fromMs && windowEnd! <= untilMs,
  );
  return within.map(({ completeness }) => completeness.reasons.join(' '));
}

test('`starting` ends when everybody is back, and then windows are complete', () => {
  const world = started();
  world.restartEngine(world.engine.roster.known());
  const restartedMs = world.nowMs;
  world.subscribe('after', QUERY);
  world.run(6_000);
  // All are back and asked within two seconds, and the clock of the start runs for ten.
  const after = reasons(world, restartedMs + 2_000, restartedMs + 5_000);
  expect(after.length).toBeGreaterThanOrEqual(2);
  expect(after.every((text) => text === '')).toBe(true);
});

test('who does not come back is named once it had time to', () => {
  const world = started();
  const known = world.engine.roster.known();
  world.kill(world.agents[1]!);
  world.restartEngine(known);
  const restartedMs = world.nowMs;
  world.subscribe('after', QUERY);
  world.run(14_000);
  const early = reasons(world, restartedMs + 2_000, restartedMs + 9_000);
  expect(early.every((text) => text === 'starting')).toBe(true);
  const last = windowsOf(world.received.get('after')!).at(-1)!;
  expect(last.completeness).toMatchObject({ status: 'degraded', reasons: ['agents-missing'] });
  expect(last.completeness.agents).toMatchObject({ expected: 2, reporting: 1 });
  expect(last.completeness.agents.missing[0]).toContain('web-2');
});

test('an agent that said bye is nobody to wait for', () => {
  const world = started();
  const { roster } = world.engine;
  const [first] = roster.agents();
  roster.leave(first!, true, world.nowMs);
  expect(roster.known().map(({ identity }) => identity.id)).not.toContain(first!.identity.id);
  expect(roster.known()).toHaveLength(1);
});
