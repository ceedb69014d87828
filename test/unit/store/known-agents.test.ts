/** The roster that outlives the engine. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { RosterKeeper } from '../../../src/coordinator/roster-keeper.ts';
import { Roster } from '../../../src/coordinator/roster.ts';
import { KnownAgents } from '../../../src/store/known-agents.ts';
import type { KnownAgent } from '../../../src/store/known-agents.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';

let store: Store;

beforeEach(async () => {
  store = await openStore({ dataDir: null, sync: 'full', config: DEFAULTS });
});

afterEach(() => store.close());

function agent(id: string, stream = 'plays'): KnownAgent {
  const identity = { id, incarnation: 1, service: 's', host: 'h', library: '1', tags: {} };
  return {
    identity,
    streams: [{ name: stream, time: { kind: 'publish', field: null, slackMs: 50 } }],
  };
}

describe('known agents', () => {
  test('are those that were saved last, for who opens the store anew', () => {
    const agents = new KnownAgents(store.sql);
    agents.save([agent('a'), agent('b')]);
    agents.save([agent('b', 'other'), agent('c')]);
    const anew = new KnownAgents(store.sql).all();
    expect(anew).toStrictEqual([agent('b', 'other'), agent('c')]);
  });

  test('what did not change is not written', () => {
    const agents = new KnownAgents(store.sql);
    agents.save([agent('a')]);
    store.sql.exec('DELETE FROM known_agents');
    agents.save([agent('a')]);
    expect(new KnownAgents(store.sql).all()).toStrictEqual([]);
  });

  test('an engine that stops in good order keeps nobody', () => {
    const keeper = new RosterKeeper(new KnownAgents(store.sql), { rosterSaveMs: 1_000 });
    const roster = new Roster(DEFAULTS);
    roster.recall([agent('a')], 0, 0);
    keeper.tick(roster, 0);
    expect(new KnownAgents(store.sql).all()).toStrictEqual([agent('a')]);
    keeper.close();
    expect(new KnownAgents(store.sql).all()).toStrictEqual([]);
  });

  test('a store that is full is a problem and no crash', async () => {
    const config = { ...DEFAULTS, storeBytesMax: 1 << 20 };
    const full = await openStore({ dataDir: null, sync: 'full', config });
    const keeper = new RosterKeeper(new KnownAgents(full.sql), { rosterSaveMs: 1_000 });
    const roster = new Roster(DEFAULTS);
    roster.recall([agent('x'.repeat(2 << 20))], 0, 0);
    keeper.tick(roster, 0);
    expect(keeper.problem?.code).toMatch(/^ENGINE_STORE_/);
    const small = new Roster(DEFAULTS);
    small.recall([agent('a')], 0, 0);
    keeper.tick(small, 1_000);
    expect(keeper.problem).toBeNull();
    expect(keeper.recalled()).toStrictEqual([agent('a')]);
    full.close();
  });
});
