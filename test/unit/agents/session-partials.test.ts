/** What an agent counts by itself, and when it tells of it. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { decodePartials } from '../../../src/wire/partials-frame.ts';
import type { PaneDelta, PartialsFrame } from '../../../src/wire/partials-frame.ts';
import { partialShapeOf } from '../../../src/aggregate/partial-shape.ts';
import type { Config } from '../../../src/config.ts';
import type { StreamState } from '../../../agents/stream-state.ts';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';
import { aggregateSpec, field } from '../../support/hand-plans.ts';
import { expectClosed } from '../../support/live-agent.ts';

const PUBLISHED = { kind: 'publish', field: null, slackMs: 0 } as const;
const BY_FIELD = { kind: 'field', field: 'ts', slackMs: 0 } as const;
/** Numbers of this size are read as milliseconds. */
const START_MS = 1_700_000_000_000;
const COUNT = aggregateSpec('count', null);
const STAGE = { keys: [field('k')], aggregates: [COUNT], groupsMax: 100 };

interface Setup {
  readonly engine: FakeEngine;
  readonly plays: StreamState;
}

function counting(
  options: {
    readonly limits?: Partial<Config>;
    readonly time?: typeof PUBLISHED | typeof BY_FIELD;
    readonly emitEveryMs?: number;
  } = {},
): Setup {
  const engine = new FakeEngine(options.limits, START_MS);
  const plays = engine.session.stream('plays', options.time ?? PUBLISHED)!;
  engine.welcome();
  engine.plans(1, [query(options.emitEveryMs ?? 0)]);
  return { engine, plays };
}

function query(emitEveryMs = 0) {
  const aggregation = { stage: STAGE, emitEveryMs };
  return queryOf('plays', sourceOf(['k']), { paneMs: 1_000, aggregation });
}

function framesOf({ engine }: Setup): readonly PartialsFrame[] {
  const shape = { keys: 1, aggregates: [partialShapeOf(COUNT)!] };
  return engine.partials.map((bytes) => {
    const read = decodePartials(bytes, {
      agentId: 'a',
      limits: DEFAULTS,
      shapeOf: () => shape,
    });
    if (!read.ok) throw new Error(read.error.detail);
    return read.value;
  });
}

function panesOf(setup: Setup): readonly PaneDelta[] {
  return framesOf(setup).flatMap(({ deltas }) => deltas.flatMap(({ panes }) => panes));
}

function counts(pane: PaneDelta | undefined): Record<string, number> {
  const { keys = [], aggregates = [] } = pane?.groups ?? {};
  const [counted] = aggregates as readonly { readonly counts?: Float64Array }[];
  return Object.fromEntries(keys.map(([key], g) => [String(key), counted?.counts?.[g] ?? 0]));
}

describe('an agent that is asked for partials', () => {
  test('counts, and tells once when the pane has ended', () => {
    const setup = counting();
    const { engine, plays } = setup;
    for (const k of ['a', 'b', 'a']) expect(plays.publish({ k })).toBe('accepted');
    expect(plays.counts()).toMatchObject({ offered: 3, aggregated: 3, sent: 0 });
    expectClosed(plays);
    expect(engine.partials).toHaveLength(0);
    const paneStartMs = Math.floor(engine.clock.now() / 1_000) * 1_000;
    engine.advance(1_100);
    const [pane, ...others] = panesOf(setup);
    expect(others).toHaveLength(0);
    expect(pane).toMatchObject({ paneStartMs, seen: 3, matched: 3 });
    expect(counts(pane)).toStrictEqual({ a: 2, b: 1 });
    engine.advance(2_000);
    expect(engine.partials).toHaveLength(1);
  });

  test('promises no time of a pane that it has not told of', () => {
    const setup = counting();
    const { engine, plays } = setup;
    const endMs = Math.floor(engine.clock.now() / 1_000) * 1_000 + 1_000;
    plays.publish({ k: 'a' });
    expect(plays.watermark(endMs + 5)).toBeLessThan(endMs);
    engine.advance(1_100);
    expect(plays.watermark(engine.clock.now())).toBeGreaterThanOrEqual(endMs);
  });

  test('tells of what it has before a new epoch', () => {
    const setup = counting();
    setup.plays.publish({ k: 'a' });
    setup.engine.plans(2, [query()]);
    setup.plays.publish({ k: 'a' });
    setup.engine.advance(1_100);
    expect(framesOf(setup).map(({ header }) => header.epoch)).toStrictEqual([1, 2]);
    expect(panesOf(setup).map(counts)).toStrictEqual([{ a: 1 }, { a: 1 }]);
  });

  test('tells of open panes as often as somebody wants to see them', () => {
    const setup = counting({ emitEveryMs: 200 });
    for (let i = 0; i < 8; i++) {
      setup.plays.publish({ k: 'a' });
      setup.engine.advance(100);
    }
    const told = panesOf(setup);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.reduce((sum, pane) => sum + pane.matched, 0)).toBeGreaterThanOrEqual(6);
  });

  test('tells what comes late in a further delta', () => {
    const setup = counting({ time: BY_FIELD });
    const { engine, plays } = setup;
    const startMs = Math.floor(engine.clock.now() / 1_000) * 1_000;
    plays.publish({ k: 'a', ts: startMs + 500 });
    engine.advance(1_200);
    plays.publish({ k: 'a', ts: startMs + 501 });
    engine.advance(100);
    const told = panesOf(setup);
    expect(told.map(({ paneStartMs }) => paneStartMs)).toStrictEqual([startMs, startMs]);
  });

  test('does not take an event from far ahead, and says so', () => {
    const setup = counting({ time: BY_FIELD });
    setup.plays.publish({ k: 'a', ts: setup.engine.clock.now() + 60_000 });
    setup.engine.advance(1_200);
    const losses = framesOf(setup).flatMap(({ deltas }) => deltas.flatMap((one) => one.losses));
    expect(losses).toStrictEqual([['future', 1]]);
  });

  test('lets go of its tables when they grow too large, and loses nothing', () => {
    const setup = counting({ limits: { agentTableBytes: 20_000 } });
    for (let i = 0; i < 500; i++) setup.plays.publish({ k: `k${i}` });
    setup.engine.advance(1_200);
    const told = panesOf(setup);
    expect(told.length).toBeGreaterThan(2);
    expect(told.reduce((sum, pane) => sum + pane.matched, 0)).toBe(500);
  });

  test('counts the texts of keys for what they are: a bomb of long ones grows nothing', () => {
    const setup = counting({ limits: { agentTableBytes: 1_048_576 } });
    for (let i = 0; i < 500; i++) setup.plays.publish({ k: `${i} ${'x'.repeat(10_000)}` });
    setup.engine.advance(1_200);
    // 500 keys of 10,000 characters take about 20 MB.
    expect(setup.engine.partials.length).toBeGreaterThan(15);
    expect(panesOf(setup).reduce((sum, pane) => sum + pane.matched, 0)).toBe(500);
  });

  test('tells a pane that fits no frame in several', () => {
    const setup = counting({ limits: { frameBytesMax: 2_048 } });
    for (let i = 0; i < 400; i++) setup.plays.publish({ k: `a key that takes its room ${i}` });
    setup.engine.advance(1_200);
    const frames = setup.engine.partials;
    expect(frames.length).toBeGreaterThan(4);
    expect(frames.every(({ length }) => length <= 2_048)).toBe(true);
    const told = panesOf(setup);
    expect(told.reduce((sum, pane) => sum + pane.matched, 0)).toBe(400);
    expect(told.reduce((sum, pane) => sum + (pane.groups?.keys.length ?? 0), 0)).toBe(400);
  });

  test('remembers what was lost when there was no room for it', () => {
    const setup = counting({ limits: { agentQueueBytes: 1_024 } });
    const { engine, plays } = setup;
    engine.input({ type: 'closed', reason: 'line' });
    for (let i = 0; i < 60; i++) {
      for (let k = 0; k < 20; k++) plays.publish({ k: `key ${k}` });
      plays.sealPartials(Infinity);
    }
    engine.welcome();
    engine.advance(1_200);
    const told = framesOf(setup).flatMap(({ deltas }) => deltas);
    const lost = told.flatMap(({ losses }) => losses).reduce((sum, [, n]) => sum + n, 0);
    const kept = told.flatMap(({ panes }) => panes).reduce((sum, pane) => sum + pane.matched, 0);
    expect(lost).toBeGreaterThan(0);
    expect(lost + kept).toBe(60 * 20);
  });
});
