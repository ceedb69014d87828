/** How often subscribers hear of progress, and in whose company. */
import { beforeEach, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { Engine } from '../../../src/coordinator/engine.ts';
import type { CoordinatorInput } from '../../../src/coordinator/messages.ts';

const TICK_MS = 10;
const START_MS = 1_000_003;

interface Heard {
  readonly atMs: number;
  readonly subscription: string;
  readonly type: string;
  /** Of the turn it came in; what one turn brings leaves in one write. */
  readonly turn: number;
}

let engine: Engine;
let nowMs: number;
let turn: number;
let heard: Heard[];
let isSilent: boolean;

beforeEach(() => {
  nowMs = START_MS;
  turn = 0;
  heard = [];
  isSilent = false;
  const config = configWith({ startupMs: 0 });
  engine = new Engine({ config, incarnation: 'i', nowMs });
  say({ type: 'shard-up', shard: 0 });
});

/** A shard without events answers at once, unless it is silent. */
function say(input: CoordinatorInput): void {
  for (const effect of engine.handle(input, nowMs)) {
    if (effect.type === 'deliver') {
      for (const subscription of effect.subscriptions) {
        heard.push({ atMs: nowMs, subscription, type: effect.message.type, turn });
      }
    }
    if (isSilent || effect.type !== 'to-shard' || effect.message.type !== 'close') continue;
    const { pipeline, throughMs } = effect.message;
    const panes = { type: 'panes', closed: true, panes: [], late: 0, dropped: {} } as const;
    say({ type: 'shard', shard: 0, message: { ...panes, pipeline, throughMs } });
  }
}

function ask(subscription: string, query: string): void {
  const client = subscription.slice(0, 1);
  const request = { client, params: {}, resume: null, planned: null };
  say({ type: 'subscribe', subscription, query, ...request });
}

function run(ms: number): void {
  for (const endMs = nowMs + ms; nowMs < endMs; nowMs += TICK_MS, turn++) say({ type: 'tick' });
}

function of(subscription: string, type: string): Heard[] {
  return heard.filter((one) => one.subscription === subscription && one.type === type);
}

function gapsMs(times: readonly Heard[]): number[] {
  return times.slice(1).map(({ atMs }, i) => atMs - times[i]!.atMs);
}

test.each([
  'select * from s',
  'select count(*) from s window 10s',
  'select count(*) from s window |5|',
])('by the clock of %s: at once, then every second', (query) => {
  ask('a1', query);
  run(30_000);
  const told = of('a1', 'progress');
  expect(told[0]?.atMs).toBe(START_MS);
  for (const gapMs of gapsMs(told)) expect(gapMs).toBeLessThanOrEqual(1_000 + TICK_MS);
  expect(told.length).toBeLessThan(36);
});

test.each([100, 500, 700, 1_000])(
  'in the turn of a window of %i ms, about as often',
  (windowMs) => {
    ask('a1', `select count(*) from s window ${windowMs}ms`);
    run(30_000);
    const rows = new Set(of('a1', 'rows').map((one) => one.turn));
    // The clock alone told of it before there were windows; it takes one or two to fall in step.
    const told = of('a1', 'progress').filter(({ atMs }) => atMs >= START_MS + 4_000);
    expect(told.filter((one) => !rows.has(one.turn))).toStrictEqual([]);
    for (const gapMs of gapsMs(told)) expect(gapMs).toBeLessThanOrEqual(1_250);
    expect(told.length).toBeLessThan(32_000 / 500);
  },
);

test('a shard that does not answer holds back windows, and no progress', () => {
  ask('a1', 'select count(*) from s window 1s');
  run(5_000);
  isSilent = true;
  const sinceMs = nowMs;
  run(5_000);
  expect(of('a1', 'rows').filter(({ atMs }) => atMs > sinceMs)).toStrictEqual([]);
  const told = of('a1', 'progress').filter(({ atMs }) => atMs > sinceMs);
  expect(told.length).toBeGreaterThanOrEqual(3);
  for (const gapMs of gapsMs(told)) expect(gapMs).toBeLessThanOrEqual(1_250 + TICK_MS);
});

test('the queries of one client in one turn, those of many in many', () => {
  for (let i = 0; i < 20; i++) {
    ask(`a${i}`, `select * from s where n > ${i}`);
    run(70);
  }
  for (let i = 0; i < 20; i++)
    ask(`${'bcdefghijklmnopqrstuv'[i]}1`, `select * from t where n > ${i}`);
  const sinceMs = nowMs + 1_000;
  run(3_000);
  const turns = (one: (subscription: string) => boolean): number =>
    new Set(
      heard
        .filter(({ atMs, subscription, type }) => {
          return atMs >= sinceMs && type === 'progress' && one(subscription);
        })
        .map(({ atMs }) => atMs % 1_000),
    ).size;
  expect(turns((subscription) => subscription.startsWith('a'))).toBeLessThanOrEqual(2);
  expect(turns((subscription) => !subscription.startsWith('a'))).toBeGreaterThan(10);
});
