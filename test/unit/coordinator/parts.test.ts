/** The coordinator's parts, each alone: rounds of panes, recent results, audiences, the roster. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { AgentDesk } from '../../../src/coordinator/agent-desk.ts';
import { Audience } from '../../../src/coordinator/audience.ts';
import { ClientRows } from '../../../src/coordinator/client-rows.ts';
import { createLedger } from '../../../src/coordinator/ledger.ts';
import type { CoordinatorEffect } from '../../../src/coordinator/messages.ts';
import { PaneCollector } from '../../../src/coordinator/pane-collector.ts';
import { ResultRing } from '../../../src/coordinator/result-ring.ts';
import { RingSpace } from '../../../src/coordinator/ring-space.ts';
import { Roster } from '../../../src/coordinator/roster.ts';
import { StreamCatalogue } from '../../../src/coordinator/stream-catalogue.ts';
import type { Subscription } from '../../../src/coordinator/subscription.ts';
import type { AgentClaim, AgentReport } from '../../../src/shard/messages.ts';
import type { StreamOffer } from '../../../src/wire/agent-messages.ts';
import type { Completeness, SchemaMessage } from '../../../src/wire/results.ts';

const CONFIG = configWith({ leaseMs: 1_000, rosterMs: 10_000, streamsMax: 2 });

function offerOf(name: string, slackMs = 0): StreamOffer {
  return { name, time: { kind: 'publish', field: null, slackMs }, fields: [] };
}

function claimOf(id: string, incarnation: number, connection: number): AgentClaim {
  const agent = { id, incarnation, service: 's', host: 'h', library: 'l', tags: {} };
  return { type: 'claim', connection, agent, streams: [offerOf('plays')] };
}

function reportOf(page: object): AgentReport {
  const counts = { counts: null, received: 0, evaluated: 0, dropped: {} };
  const streams = [{ stream: 'plays', watermarkMs: 0, ...counts, ...page }];
  return { type: 'agent-report', agentKey: 1, evaluatedSequence: 0, offsetMs: 0, streams };
}

describe('a round of panes', () => {
  test('is over when every shard has answered', () => {
    const round = new PaneCollector();
    round.begin([0, 1], 1_000);
    expect(round.answer(0, 1_000, [])).toBe(false);
    expect(round.isOpen).toBe(true);
    expect(round.answer(1, 1_000, [])).toBe(true);
    expect(round.isOpen).toBe(false);
  });

  test('takes no answer twice, of another round, or of a shard that was not asked', () => {
    const round = new PaneCollector();
    round.begin([0], 1_000);
    expect(round.answer(0, 2_000, [])).toBe(false);
    expect(round.answer(7, 1_000, [])).toBe(false);
    expect(round.answer(0, 1_000, [])).toBe(true);
    expect(round.answer(0, 1_000, [])).toBe(false);
  });

  test('is over when the last shard that was asked is lost, and says so', () => {
    const round = new PaneCollector();
    round.begin([0, 1], 1_000);
    expect(round.answer(0, 1_000, [])).toBe(false);
    expect(round.lose(7)).toBe(false);
    expect(round.lostShard).toBe(false);
    expect(round.lose(1)).toBe(true);
    expect(round.lostShard).toBe(true);
    round.begin([0], 2_000);
    expect(round.lostShard).toBe(false);
  });
});

const COMPLETE: Completeness = {
  status: 'complete',
  reasons: [],
  agents: { expected: 0, reporting: 0, missing: [] },
  events: { seen: 0, matched: 0, late: 0, dropped: {} },
  sampleFactor: 1,
  coveredMs: 1_000,
  traffic: 'zero',
  source: 'live',
  engine: 'current',
  watermark: 0,
  emittedAt: 0,
};

describe('recent results', () => {
  function ringOf(
    bodies: readonly string[],
    { bytesMax = 1_000, space = new RingSpace(1e6) } = {},
  ): ResultRing {
    const ring = new ResultRing({ incarnation: 'a-b', entriesMax: 3, bytesMax, space });
    for (const body of bodies) ring.push(body);
    return ring;
  }

  test.each([
    ['a-b-4', []],
    ['a-b-2', [3, 4]],
    ['a-b-1', [2, 3, 4]],
    // Fallen out, of another life, still to come, and no id at all.
    ['a-b-0', null],
    ['x-2', null],
    ['a-b-5', null],
    ['a-b--1', null],
    ['a-b-1.5', null],
    ['', null],
  ])('after %j come %j', (id, expected) => {
    const after = ringOf(['1', '2', '3', '4']).after(id);
    expect(after?.map(({ counter }) => counter) ?? null).toStrictEqual(expected);
  });

  test('are bounded by bytes, the newest one aside', () => {
    const few = { bytesMax: 200 };
    expect(ringOf(['x'.repeat(60), 'x'.repeat(60)], few).all()).toHaveLength(1);
    expect(ringOf(['x'.repeat(600)], few).all()).toHaveLength(1);
  });

  test('are bounded by what all queries keep: who holds more than his part gives up', () => {
    const space = new RingSpace(1_000);
    const text = 'x'.repeat(200);
    const large = ringOf([text, text, text], { space });
    expect(large.all()).toHaveLength(3);
    const small = ringOf([text], { space });
    expect([large.all().length, small.all().length]).toStrictEqual([3, 1]);
    large.push(text);
    expect([large.all().length, small.all().length]).toStrictEqual([2, 1]);
    const { bytes } = space;
    expect(bytes).toBeLessThanOrEqual(1_000);
    large.close();
    small.close();
    expect(space.bytes).toBe(0);
  });
});

describe('an audience', () => {
  const SCHEMA = { type: 'schema', query: 'q' } as SchemaMessage;

  function subscription(id: string, remaining: number | null = null): Subscription {
    return { id, client: 'c', pipeline: 'q', remaining, running: null, startedAtMs: 0 };
  }

  function heard(effects: readonly CoordinatorEffect[], id: string): string[] {
    return effects.flatMap((effect) => {
      if (effect.type === 'closed') return effect.subscription === id ? ['closed'] : [];
      if (effect.type !== 'deliver' || !effect.subscriptions.includes(id)) return [];
      const { message } = effect;
      if (message.type === 'end') return [`end ${message.reason}`];
      if (message.type !== 'rows') return [message.type];
      return [`${message.rows.length} rows${message.replay ? ' again' : ''} ${effect.id}`];
    });
  }

  function opened(rowsPerSecondMax = 1_000_000): {
    readonly audience: Audience;
    readonly effects: CoordinatorEffect[];
  } {
    const effects: CoordinatorEffect[] = [];
    const audience = new Audience('i', CONFIG, {
      emit: (effect) => void effects.push(effect),
      clientRows: new ClientRows(rowsPerSecondMax),
      ringSpace: new RingSpace(1e6),
    });
    return { audience, effects };
  }

  const HOW = {
    window: { startMs: 0, endMs: 1_000 },
    revision: 0,
    provisional: false,
    completeness: COMPLETE,
  };

  test('hands everybody the same body, encoded once', () => {
    const { audience, effects } = opened();
    audience.join(subscription('a'), SCHEMA, { resume: null });
    audience.join(subscription('b'), SCHEMA, { resume: null });
    effects.length = 0;
    audience.rows([{ n: 1 }], HOW);
    expect(effects).toHaveLength(1);
    expect(effects[0]).toMatchObject({ subscriptions: ['a', 'b'], id: 'i-1' });
  });

  test('sends a client whole results until his rows of a second are used up, and says so', () => {
    const { audience, effects } = opened(3);
    audience.join({ ...subscription('a'), client: 'greedy' }, SCHEMA, { resume: null });
    audience.join({ ...subscription('b'), client: 'greedy' }, SCHEMA, { resume: null });
    audience.join({ ...subscription('c'), client: 'modest' }, SCHEMA, { resume: null });
    const at = (emittedAt: number) => ({ ...HOW, completeness: { ...COMPLETE, emittedAt } });
    effects.length = 0;
    // Both of the greedy one's count: 2, then 4, which is too many for what comes after.
    audience.rows([{ n: 1 }, { n: 2 }], at(5_000));
    audience.rows([{ n: 3 }], at(5_900));
    audience.rows([{ n: 4 }], at(6_000));
    expect(heard(effects, 'a')).toStrictEqual(['2 rows i-1', 'drop', '1 rows i-3']);
    expect(heard(effects, 'c')).toStrictEqual(['2 rows i-1', '1 rows i-2', '1 rows i-3']);
    const drop = effects.find((effect) => 'message' in effect && effect.message.type === 'drop');
    expect(drop).toMatchObject({
      subscriptions: ['a', 'b'],
      message: { reason: 'client-rows-per-second', count: 1 },
    });
  });

  test('replays the newest results to who comes later', () => {
    const { audience, effects } = opened();
    audience.rows([{ n: 1 }], HOW);
    audience.rows([{ n: 2 }], HOW);
    audience.join(subscription('a'), SCHEMA, { resume: null });
    expect(heard(effects, 'a')).toStrictEqual(['schema', '1 rows again i-1', '1 rows again i-2']);
  });

  test('begins with what comes now for who wants nothing that was kept', () => {
    const { audience, effects } = opened();
    audience.rows([{ n: 1 }], HOW);
    audience.join(subscription('a'), SCHEMA, { resume: null, kept: false });
    audience.rows([{ n: 2 }], HOW);
    expect(heard(effects, 'a')).toStrictEqual(['schema', '1 rows i-2']);
  });

  test('gives who comes back what came after, and else tells of the gap', () => {
    const { audience, effects } = opened();
    audience.rows([{ n: 1 }], HOW);
    audience.rows([{ n: 2 }], HOW);
    audience.join(subscription('a'), SCHEMA, { resume: 'i-1', kept: false });
    expect(heard(effects, 'a')).toStrictEqual(['schema', '1 rows again i-2']);
    audience.join(subscription('b'), SCHEMA, { resume: 'old-1', kept: false });
    const all = ['schema', 'gap', '1 rows again i-1', '1 rows again i-2'];
    expect(heard(effects, 'b')).toStrictEqual(all);
  });

  test('ends a subscription when its own LIMIT is spent, and no other', () => {
    const { audience, effects } = opened();
    audience.join(subscription('a', 3), SCHEMA, { resume: null });
    audience.join(subscription('b'), SCHEMA, { resume: null });
    audience.rows([{ n: 1 }, { n: 2 }], HOW);
    audience.rows([{ n: 3 }, { n: 4 }], { ...HOW, provisional: true });
    audience.rows([{ n: 3 }, { n: 4 }], HOW);
    expect(heard(effects, 'a')).toStrictEqual([
      ...['schema', '2 rows i-1', '2 rows null', '1 rows i-2', 'end limit', 'closed'],
    ]);
    expect(heard(effects, 'b')).toStrictEqual([
      'schema',
      '2 rows i-1',
      '2 rows null',
      '2 rows i-2',
    ]);
  });

  test('spends a LIMIT on what is replayed', () => {
    const { audience, effects } = opened();
    audience.rows([{ n: 1 }, { n: 2 }], HOW);
    audience.join(subscription('a', 1), SCHEMA, { resume: null });
    expect(heard(effects, 'a')).toStrictEqual([
      'schema',
      '1 rows again i-1',
      'end limit',
      'closed',
    ]);
  });

  test('knows since when nobody reads', () => {
    const { audience } = opened();
    audience.join(subscription('a'), SCHEMA, { resume: null });
    expect(audience.idleSinceMs).toBeNull();
    audience.leave('a', 500);
    audience.leave('a', 900);
    expect(audience.idleSinceMs).toBe(500);
  });
});

describe('the roster', () => {
  test('calls an agent silent after its lease, and gone after a bye or long silence', () => {
    const roster = new Roster(CONFIG);
    const agent = roster.join(0, claimOf('a', 1, 1), 0);
    expect(roster.state(agent, 1_000)).toBe('live');
    expect(roster.state(agent, 1_001)).toBe('silent');
    roster.leave(agent, false, 2_000);
    expect(roster.state(agent, 2_001)).toBe('silent');
    expect(roster.state(agent, 12_000)).toBe('gone');
    roster.leave(agent, true, 2_000);
    expect(roster.state(agent, 2_001)).toBe('gone');
    expect(roster.expire(12_000)).toStrictEqual([agent]);
    expect(roster.size).toBe(0);
    expect([...roster.ofStream('plays')]).toStrictEqual([]);
  });

  test('keeps the key of a process that reconnects, and replaces one that was restarted', () => {
    const roster = new Roster(CONFIG);
    const first = roster.join(0, claimOf('a', 1, 1), 0);
    roster.leave(first, false, 100);
    const back = roster.join(1, claimOf('a', 1, 9), 200);
    expect(back).toBe(first);
    expect(back).toMatchObject({ shard: 1, connection: 9, lostAtMs: null });
    expect(first.streams.get('plays')?.watermarkMs).toBe(-Infinity);
    roster.report(back, reportOf({ watermarkMs: 150 }), 250);
    const restarted = roster.join(1, claimOf('a', 2, 10), 300);
    expect(restarted.key).not.toBe(first.key);
    expect(roster.crashes('plays')).toStrictEqual([{ fromMs: 150, toMs: 300 }]);
  });
});

describe('processes that died', () => {
  test('are remembered for a while, for few streams by name and for all others together', () => {
    const roster = new Roster(CONFIG);
    const streams = ['a', 'b', 'c', 'd'].map((name) => offerOf(name));
    roster.join(0, { ...claimOf('x', 1, 1), streams }, 0);
    roster.join(0, { ...claimOf('x', 2, 2), streams }, 300);
    const span = [{ fromMs: -Infinity, toMs: 300 }];
    expect(roster.crashes('a')).toStrictEqual(span);
    expect(roster.crashes('d')).toHaveLength(2);
    roster.expire(10_299);
    expect(roster.crashes('a')).toStrictEqual(span);
    roster.expire(10_300);
    expect(roster.crashes('a')).toStrictEqual([]);
    expect(roster.crashes('d')).toStrictEqual([]);
  });
});

describe('the agents’ desk', () => {
  test('is not misled by an older session that ends after a newer one began', () => {
    const roster = new Roster(CONFIG);
    const desk = new AgentDesk({
      config: CONFIG,
      roster,
      catalogue: new StreamCatalogue(CONFIG, () => 0),
      ledger: createLedger(roster, CONFIG.streamsMax),
      emit: () => undefined,
      onNewStream: () => undefined,
      isRunning: () => true,
    });
    desk.claim(0, claimOf('a', 1, 1), 0);
    desk.claim(0, claimOf('a', 1, 2), 10);
    const agent = roster.byId('a');
    const gone = { type: 'agent-gone', agentKey: agent?.key ?? 0, bye: false } as const;
    desk.gone(0, { ...gone, connection: 1 }, 20);
    expect(agent?.lostAtMs).toBeNull();
    desk.gone(0, { ...gone, connection: 2 }, 30);
    expect(agent?.lostAtMs).toBe(30);
  });
});

describe('a second session of one agent', () => {
  const report = { type: 'agent-report', offsetMs: 0, streams: [] } as const;

  function desk(): { readonly desk: AgentDesk; readonly verdicts: () => unknown[] } {
    const roster = new Roster(CONFIG);
    const effects: CoordinatorEffect[] = [];
    const parts = {
      config: CONFIG,
      roster,
      catalogue: new StreamCatalogue(CONFIG, () => 0),
      ledger: createLedger(roster, CONFIG.streamsMax),
      emit: (effect: CoordinatorEffect) => void effects.push(effect),
      onNewStream: () => undefined,
      isRunning: () => true,
    };
    const verdicts = (): unknown[] =>
      effects.flatMap((effect) =>
        effect.type === 'to-shard' && effect.message.type === 'verdict'
          ? [[effect.shard, effect.message.connection, effect.message.evaluatedSequence]]
          : [],
      );
    return { desk: new AgentDesk(parts), verdicts };
  }

  test('begins when the first has ended, behind all that the first evaluated', () => {
    const { desk: at, verdicts } = desk();
    at.claim(0, claimOf('a', 1, 1), 0);
    at.report(0, { ...report, agentKey: 1, evaluatedSequence: 6 }, 5);
    at.claim(1, claimOf('a', 1, 9), 10);
    expect(verdicts()).toStrictEqual([[0, 1, 0]]);
    at.report(0, { ...report, agentKey: 1, evaluatedSequence: 7 }, 20);
    at.gone(0, { type: 'agent-gone', agentKey: 1, connection: 1, bye: false }, 20);
    expect(verdicts()).toStrictEqual([
      [0, 1, 0],
      [1, 9, 7],
    ]);
  });

  test('begins when the first one’s shard has died, and only the latest of several does', () => {
    const { desk: at, verdicts } = desk();
    at.claim(0, claimOf('a', 1, 1), 0);
    at.claim(1, claimOf('a', 1, 8), 10);
    at.claim(1, claimOf('a', 1, 9), 20);
    at.shardLost(0, 30);
    expect(verdicts()).toStrictEqual([
      [0, 1, 0],
      [1, 9, 0],
    ]);
  });
});
