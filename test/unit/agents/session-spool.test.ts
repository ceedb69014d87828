/** A session with a spool: what an outage does to events, order, watermarks and the ledger. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { WhenFull } from '../../../agents/overflow.ts';
import { Spool } from '../../../agents/spool.ts';
import { configWith } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';
import { expectClosed, numbers, streamOf } from '../../support/live-agent.ts';

const folders: string[] = [];
const spools: Spool[] = [];

afterEach(async () => {
  for (const spool of spools.splice(0)) await spool.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const SMALL = { agentQueueEvents: 20, agentFlushEvents: 5, agentResendFrames: 4 };

interface Given {
  readonly limits?: Partial<Config>;
  readonly whenFull?: WhenFull;
  readonly directory?: string;
}

async function setup({ directory = newFolder(), limits = {}, whenFull }: Given = {}) {
  const all = { ...SMALL, ...limits };
  const spool = new Spool({
    ...{ directory, service: 'checkout', clock: new VirtualClock(0) },
    dropsOldest: (whenFull ?? 'drop-oldest') === 'drop-oldest',
    limits: () => configWith(all),
    onNews: (news) => engine.input({ type: 'spool', news }),
    onTrouble: (problem) => {
      throw new Error(problem);
    },
  });
  spools.push(spool);
  const options = { spool, ...(whenFull === undefined ? {} : { whenFull }) };
  const engine = new FakeEngine(all, 1_000_000, options);
  await spool.open();
  const plays = streamOf(engine, 'plays');
  return { engine, plays, spool, directory };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'squilla-spool-'));
  folders.push(folder);
  return folder;
}

type Agent = Awaited<ReturnType<typeof setup>>;

function ask({ engine }: Agent): void {
  engine.plans(1, [queryOf('plays', sourceOf(['n']))]);
}

/** Until everything was sent, an engine acknowledges what it gets. */
async function drain({ engine, plays, spool }: Agent): Promise<void> {
  while (plays.queued() > 0) {
    await spool.idle();
    engine.advance(20);
    const last = engine.frames.at(-1)?.header.frameSequence;
    if (last !== undefined) engine.say({ type: 'ack', sequence: last });
  }
  engine.say({ type: 'ack', sequence: engine.frames.at(-1)?.header.frameSequence ?? 0 });
  await spool.idle();
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_none, i) => from + i);
}

describe('an outage', () => {
  test('loses nothing that the disk can hold, and order stays', async () => {
    const agent = await setup();
    const { engine, plays } = agent;
    engine.welcome();
    ask(agent);
    for (const n of range(1, 10)) plays.publish({ n });
    engine.input({ type: 'closed', reason: 'reset' });
    for (const n of range(11, 500)) expect(plays.publish({ n })).toBe('accepted');
    expectClosed(plays);
    engine.advance(200);
    engine.frames.length = 0;
    engine.welcome();
    for (const n of range(501, 520)) plays.publish({ n });
    await drain(agent);
    expect(numbers(engine)).toStrictEqual(range(1, 520));
    const firsts = engine.frames.map(({ header }) => header.firstSequence);
    expect(firsts).toStrictEqual(firsts.toSorted((a, b) => a - b));
    const sequences = engine.frames.map(({ header }) => header.frameSequence);
    expect(sequences).toStrictEqual(range(1, sequences.length));
    expect(plays.counts()).toMatchObject({ offered: 520, sent: 520, dropped: {} });
    expectClosed(plays);
    // The disk is out of the way again.
    plays.publish({ n: 521 });
    engine.advance(20);
    expect(numbers(engine).at(-1)).toBe(521);
  });

  test('holds the watermark at the oldest event that is kept, and times stay as they were', async () => {
    const agent = await setup();
    const { engine, plays } = agent;
    engine.welcome();
    ask(agent);
    engine.input({ type: 'closed', reason: 'reset' });
    for (const n of range(1, 100)) {
      plays.publish({ n });
      engine.clock.advance(10);
    }
    engine.advance(60_000);
    engine.welcome();
    // Four frames are in flight.
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_000_200);
    await drain(agent);
    expect(engine.frames.flatMap(({ times }) => times)).toStrictEqual(
      range(1, 100).map((n) => 1_000_000 + (n - 1) * 10),
    );
    let promisedMs = 1_000_000;
    for (const { header, times } of engine.frames) {
      expect(Math.min(...times)).toBeGreaterThanOrEqual(promisedMs);
      promisedMs = header.watermarkMs;
    }
    engine.advance(1_000);
    expect(engine.lastPulse('plays').watermarkMs).toBeGreaterThan(1_060_000);
  });

  test('a connection that breaks again while the disk is read sends nothing twice', async () => {
    const agent = await setup();
    const { engine, plays, spool } = agent;
    engine.welcome();
    ask(agent);
    engine.input({ type: 'closed', reason: 'reset' });
    for (const n of range(1, 300)) plays.publish({ n });
    let evaluated = 0;
    for (let round = 0; round < 5; round++) {
      engine.advance(10_000);
      engine.welcome(evaluated);
      await spool.idle();
      engine.advance(20);
      // Of what came, the engine has taken one frame less than it was sent.
      evaluated = (engine.frames.at(-1)?.header.frameSequence ?? 1) - 1;
      engine.say({ type: 'ack', sequence: evaluated });
      await spool.idle();
      engine.input({ type: 'closed', reason: 'reset' });
      expectClosed(plays);
    }
    engine.advance(10_000);
    engine.welcome(evaluated);
    await drain(agent);
    const bySequence = new Map(
      engine.frames.map(({ header, rows }) => [header.frameSequence, rows.map(({ n }) => n)]),
    );
    expect([...bySequence.values()].flat()).toStrictEqual(range(1, 300));
    expectClosed(plays);
  });

  test('that is too long for the disk costs the oldest, or the newest, and is counted', async () => {
    for (const whenFull of ['drop-oldest', 'drop-newest'] as const) {
      const agent = await setup({ limits: { agentSpoolBytes: 65_536 }, whenFull });
      const { engine, plays, spool } = agent;
      engine.welcome();
      ask(agent);
      engine.input({ type: 'closed', reason: 'reset' });
      for (const n of range(1, 4_000)) {
        plays.publish({ n });
        if (n % 50 === 0) await spool.idle();
        expectClosed(plays);
      }
      engine.advance(200);
      engine.welcome();
      await drain(agent);
      const sent = numbers(engine) as number[];
      const { dropped } = plays.counts();
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      expect(lost).toBeGreaterThan(500);
      expect(sent.length + lost).toBe(4_000);
      expect(sent).toStrictEqual(sent.toSorted((a, b) => a - b));
      expect(sent.at(-1) === 4_000).toBe(whenFull === 'drop-oldest');
      expectClosed(plays);
    }
  });
});

describe('the end of a process', () => {
  test('keeps what was not sent for the next, which offers and counts it as its own', async () => {
    const first = await setup();
    first.engine.welcome();
    ask(first);
    first.engine.input({ type: 'closed', reason: 'reset' });
    for (const n of range(1, 60)) first.plays.publish({ n });
    first.engine.input({ type: 'close', reason: 'deployed anew' });
    first.engine.advance(2_000);
    expect(first.engine.session.closed).toBe(true);
    expect(first.plays.counts().dropped).toStrictEqual({});
    await first.spool.close();

    const next = await setup({ directory: first.directory });
    next.engine.welcome();
    next.engine.advance(1_000);
    await drain({ ...next });
    await next.spool.idle();
    next.engine.advance(20);
    await drain(next);
    const sent = numbers(next.engine) as number[];
    expect(sent.toSorted((a, b) => a - b)).toStrictEqual(range(1, 60));
    expect(next.plays.counts()).toMatchObject({ offered: 60, sent: 60, dropped: {} });
    expectClosed(next.plays);
  });
});
