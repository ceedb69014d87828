/**
 * An agent's clock that is set an hour ahead or back, while it publishes: windows keep the engine's
 * time, what the agent promises of a time to come is worth nothing, and nothing is wrong for good.
 */
import { describe, expect, test } from 'vitest';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';
import type { Received } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const EVERY_MS = 10;
const WINDOW_MS = 500;
/** By then the agent has found out that its clock goes back on what it said, and connected anew. */
const HEALED_MS = 5_500;
const A_WINDOW = WINDOW_MS / EVERY_MS;

interface Jumped {
  readonly world: World;
  readonly received: Received[];
  readonly jumpedMs: number;
  readonly publish: (nowMs: number) => void;
}

/** Agents publish for three seconds; then the first one's clock jumps, and they go on. */
function jumped(agents: number, byMs: number): Jumped {
  const config = { heartbeatMs: 200, leaseMs: 1_000, closeWaitMs: 100, edgeQueriesMax: 0 };
  const world = new World({ config, delayMs: () => 5 });
  for (let i = 0; i < agents; i++) {
    const agent = world.agent(`web-${i}`);
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(500);
  const received = world.subscribe('s', 'select count(*) as n from plays window 500ms');
  const publish = (nowMs: number): void => {
    if (nowMs % EVERY_MS !== 0) return;
    for (const agent of world.agents) world.stream(agent, 'plays').publish({ v: 1 });
  };
  world.run(3_000, publish);
  const jumpedMs = world.nowMs;
  world.agents[0]!.clock.advance(byMs);
  world.run(8_000, publish);
  return { world, received, jumpedMs, publish };
}

function since(received: readonly Received[], fromMs: number): RowsMessage[] {
  return windowsOf(received).filter(({ windowEnd }) => windowEnd! > fromMs);
}

describe.each([
  { name: 'an hour ahead', byMs: HOUR_MS },
  { name: 'an hour back', byMs: -HOUR_MS },
])('a clock that is set $name', ({ byMs }) => {
  test.each([1, 2])('of %s agents harms no window but those around it', (agents) => {
    const { world, received, jumpedMs } = jumped(agents, byMs);
    const told = windowsOf(received);
    const ends = told.map(({ windowEnd }) => windowEnd!);
    expect(ends).toStrictEqual(ends.map((_, i) => ends[0]! + i * WINDOW_MS));
    expect(Math.max(...ends), 'none ends before its time').toBeLessThanOrEqual(world.nowMs);
    const before = told.slice(2).filter(({ windowEnd }) => windowEnd! < jumpedMs);
    const after = since(received, jumpedMs + HEALED_MS);
    expect(after.length).toBeGreaterThan(1);
    for (const { completeness, rows } of [...before, ...after]) {
      expect(completeness.status).toBe('complete');
      expect(rows[0]?.['n']).toBe(agents * A_WINDOW);
    }
    const around = told.filter((window) => !before.includes(window) && !after.includes(window));
    expect(new Set(around.map(({ completeness: { status } }) => status))).toContain('degraded');
    world.run(1_000);
    const ledger = ledgerView(world.engine);
    expect(ledger.closes).toBe(true);
    const { evaluated, dropped } = ledger.engine;
    expect(evaluated + (dropped['future'] ?? 0)).toBe(ledger.agents.sent);
  });

  test('is no promise for the time that it showed: an agent that freezes is missed', () => {
    const { world, received, publish } = jumped(2, byMs);
    world.cut(world.agents[0]!);
    const cutMs = world.nowMs;
    world.run(3_000, publish);
    const during = since(received, cutMs + 150);
    expect(during.length).toBeGreaterThan(1);
    expect(during.map(({ completeness }) => completeness.agents.missing)).toStrictEqual(
      during.map(() => ['web-0']),
    );
  });
});
