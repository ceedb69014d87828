/** Sampled and unsampled queries over one stream, with agents, a network and the engine's clock. */
import { describe, expect, test } from 'vitest';
import { javaStringHash, murmurOfWord } from '../../src/edge/sample-hash.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';
import type { Received } from '../support/world.ts';

const STICKY = `sample {"strategy":"STICKY","keys":["user"],"threshold":50,"factor":100}`;

function isTaken(user: string): boolean {
  return Math.abs(murmurOfWord(javaStringHash(`${user}0`))) % 100 < 50;
}

function totalOf(received: readonly Received[]): number {
  const rows = windowsOf(received).flatMap((window) => window.rows);
  return rows.reduce((sum, row) => sum + Number(row['n']), 0);
}

interface Published {
  readonly all: number;
  readonly taken: number;
  readonly outcomes: ReadonlySet<string>;
}

/** Publishes for 4 s and lets the windows close. */
function publishUsers(world: World): Published {
  const agent = world.agents[0]!;
  const plays = agent.session.stream('plays', { kind: 'publish', field: null, slackMs: 50 })!;
  let all = 0;
  let taken = 0;
  const outcomes = new Set<string>();
  world.run(4_000, (nowMs) => {
    if (nowMs % 20 !== 0) return;
    const user = `u${all++ % 17}`;
    if (isTaken(user)) taken++;
    outcomes.add(plays.publish({ user }));
  });
  world.run(3_000);
  return { all, taken, outcomes };
}

function worldWith(queries: readonly string[]): { world: World; received: Received[][] } {
  const world = new World();
  const agent = world.agent('web-1');
  world.stream(agent, 'plays');
  world.start(agent);
  world.run(500);
  const received = queries.map((query, index) => world.subscribe(`s${index}`, query));
  world.run(200);
  return { world, received };
}

describe('sampling', () => {
  test('a sampled and an unsampled query on one stream do not disturb each other', () => {
    const { world, received } = worldWith([
      'select count(*) as n from plays window 1s',
      `select count(*) as n from plays window 1s ${STICKY}`,
      `select count(*) as n from plays window 1s where user != 'u1' ${STICKY}`,
    ]);
    const { all, taken, outcomes } = publishUsers(world);
    const [whole, sampled, filtered] = received as [Received[], Received[], Received[]];
    expect([...outcomes]).toStrictEqual(['accepted']);
    expect(totalOf(whole)).toBe(all);
    expect(totalOf(sampled)).toBe(taken);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(all);
    expect(totalOf(filtered)).toBe(taken - (isTaken('u1') ? Math.ceil((all - 1) / 17) : 0));
    for (const [one, factor] of [
      [whole, 1],
      [sampled, 0.5],
    ] as const) {
      const seen = windowsOf(one).reduce((sum, { completeness }) => {
        expect(completeness.sampleFactor).toBe(factor);
        return sum + completeness.events.seen;
      }, 0);
      expect(seen).toBe(all);
    }
  });

  test('what every sample leaves out stays in the process, is counted and is not silence', () => {
    const { world, received } = worldWith([`select count(*) as n from plays window 1s ${STICKY}`]);
    const { all, taken, outcomes } = publishUsers(world);
    expect([...outcomes].toSorted()).toStrictEqual(['accepted', 'sampled']);
    const [sampled] = received as [Received[]];
    expect(totalOf(sampled)).toBe(taken);
    const counts = world.agents[0]!.session.stream('plays', {
      kind: 'publish',
      field: null,
      slackMs: 50,
    })!.counts();
    expect(counts).toMatchObject({ offered: all, sampledOut: all - taken, aggregated: taken });
    expect(counts.filtered).toBe(0);
    const windows = windowsOf(sampled);
    const seen = windows.reduce((sum, { completeness }) => sum + completeness.events.seen, 0);
    expect(seen).toBe(all);
  });

  test('an extrapolated count comes near the truth, with its bound', () => {
    const random = `sample {"strategy":"RANDOM","threshold":2500,"extrapolate":true}`;
    const { world, received } = worldWith([`select count(*) as n from plays window 4s ${random}`]);
    const { all } = publishUsers(world);
    const [answer] = received as [Received[]];
    const rows = windowsOf(answer).flatMap((window) => window.rows);
    const bound = rows.reduce((sum, row) => sum + Number(row['n ±']), 0);
    expect(Math.abs(totalOf(answer) - all)).toBeLessThan(bound * 2);
    for (const row of rows) expect(Number(row['n']) % 4).toBe(0);
    const schema = answer.map(({ message }) => message).find(({ type }) => type === 'schema');
    expect(schema).toMatchObject({
      columns: expect.arrayContaining([{ name: 'n ±', type: 'number', role: 'meta' }]),
    });
  });

  test('events that come without an agent are sampled alike', () => {
    const world = new World();
    const received = world.subscribe('s', `select count(*) as n from plays window 1s ${STICKY}`);
    world.run(100);
    const users = Array.from({ length: 200 }, (_, i) => `u${i}`);
    world.ingest(
      'plays',
      users.map((user) => ({ user })),
    );
    world.run(4_000);
    expect(totalOf(received)).toBe(users.filter(isTaken).length);
  });
});
