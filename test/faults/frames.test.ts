/**
 * Frames that are torn, cut short, changed, doubled or swapped between an agent and its engine:
 * that session ends, the agent is back by itself and what was damaged comes again, and nobody else
 * notices.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import { createRng } from '../../src/core/rng.ts';
import type { LedgerView } from '../../src/coordinator/views.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { FrameProxy } from '../support/frame-proxy.ts';
import type { Damage } from '../support/frame-proxy.ts';
import { firstOf, readEvents, total, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

const TURN_MS = 5;
const FLIPS = 12;
const COUNT = 'select count(*) as n, count(distinct id) as ids';

let engine: EngineProcess;
let proxy: FrameProxy;
let witness: Agent;
let victim: Agent;
let reader: ResultReader;
let witnessed: ResultReader;
let timer: NodeJS.Timeout;
let round = 0;
const accepted = { victim: 0, witness: 0 };

beforeAll(async () => {
  // What comes again is waited for, so that a count that is short has lost something.
  const settings = { closeWaitMs: 8_000, leaseMs: 8_000, edgeQueriesMax: 0 };
  engine = await startEngine({ settings });
});

beforeEach(async () => {
  accepted.victim = 0;
  accepted.witness = 0;
  proxy = await FrameProxy.to(engine.ingestUrl);
  const limits = { reconnectMinMs: 5, reconnectMaxMs: 50 };
  victim = createAgent({ url: proxy.url, service: 'victim', handleSignals: false, limits });
  witness = createAgent({ url: engine.ingestUrl, service: 'witness', handleSignals: false });
  // Streams of this test alone: what others were told of theirs would be told again.
  round++;
  const [hurt, calm] = [victim.stream(`hurt${round}`), witness.stream(`calm${round}`)];
  reader = await readEvents(engine.url, `${COUNT} from hurt${round} window 250ms`);
  witnessed = await readEvents(engine.url, `${COUNT} from calm${round} window 250ms`);
  await until(() => hurt.active && calm.active, 'both streams are read');
  timer = setInterval(() => {
    const id = (n: number): string => `event ${n}`;
    if (hurt.publish({ id: id(accepted.victim), f: 0.5 }) === 'accepted') accepted.victim++;
    if (calm.publish({ id: id(accepted.witness), f: 0.5 }) === 'accepted') accepted.witness++;
  }, TURN_MS);
  await firstOf(reader, 'rows', ({ rows }) => Number(rows[0]?.['n']) > 0);
});

afterEach(async () => {
  clearInterval(timer);
  reader.close();
  witnessed.close();
  victim.abandon();
  witness.abandon();
  await proxy.close();
});

afterAll(endAll);

/** The frame is damaged, and the agent has been back. */
async function damaged(damage: Damage): Promise<void> {
  const before = proxy.damaged;
  proxy.damageNext(damage);
  await until(() => proxy.damaged > before, 'a frame is damaged');
}

/** One that the engine is bound to refuse; it comes again and is taken then. */
async function refused(damage: Damage): Promise<void> {
  const before = proxy.ends.length;
  await damaged(damage);
  await until(() => proxy.ends.length > before, 'the session has ended');
  await until(() => victim.connected, 'the agent is back');
  const counted = total(windowsOf(reader), 'n');
  await until(() => total(windowsOf(reader), 'n') > counted, 'its events are counted again');
}

async function expectAllOnce(of: ResultReader, events: () => number): Promise<void> {
  await until(() => total(windowsOf(of), 'n') >= events(), 'everything is counted');
  expect(total(windowsOf(of), 'n')).toBe(events());
  expect(total(windowsOf(of), 'ids'), 'and nothing twice').toBe(events());
}

async function expectWitnessUnharmed(): Promise<void> {
  clearInterval(timer);
  await expectAllOnce(witnessed, () => accepted.witness);
  const states = windowsOf(witnessed).map(({ completeness }) => completeness.status);
  expect(new Set(states.slice(states.indexOf('complete')))).toStrictEqual(new Set(['complete']));
  const ledger = (await engine.get('/api/v1/ledger')) as LedgerView;
  expect(ledger.closes).toBe(true);
  expect(engine.err()).not.toContain('shard 0 failed');
}

const half = (frame: Uint8Array): number => frame.length >> 1;

describe('frames that are', () => {
  test.each<{ name: string; damage: Damage }>([
    { name: 'cut short', damage: (first, next) => [first.subarray(0, half(first)), next] },
    {
      name: 'torn in two',
      damage: (first, next) => [first.subarray(0, half(first)), first.subarray(half(first)), next],
    },
    { name: 'glued together', damage: (first, next) => [Buffer.concat([first, next])] },
    { name: 'swapped', damage: (first, next) => [next, first] },
    { name: 'doubled', damage: (first, next) => [first, first, next] },
    { name: 'lost', damage: (_first, next) => [next] },
    { name: 'empty', damage: (first, next) => [new Uint8Array(0), first, next] },
  ])('$name come again, once, and nobody else notices', async ({ damage }) => {
    await refused(damage);
    await refused(damage);
    await expectWitnessUnharmed();
    await expectAllOnce(reader, () => accepted.victim);
  });

  test('changed by a bit end their session, or are what they say, and harm nobody', async () => {
    const rng = createRng(11);
    for (let i = 0; i < FLIPS; i++) {
      const flip: Damage = (first, next) => {
        // Half of them where lengths, counts and sequences stand.
        const at = rng.int(i % 2 === 0 ? Math.min(64, first.length) : first.length);
        const changed = first.slice();
        changed[at] = changed[at]! ^ (1 << rng.int(8));
        return [changed, next];
      };
      await damaged(flip);
    }
    await until(() => victim.connected, 'the agent is back');
    const before = total(windowsOf(reader), 'n');
    await until(() => total(windowsOf(reader), 'n') > before, 'its events are counted again');
    await expectWitnessUnharmed();
  });
});
