/** Nobody who sent a body waits for ever for a shard that is gone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { IngestBody } from '../../../src/gateway/engine-port.ts';
import { EngineHost } from '../../../src/main/engine-host.ts';
import { AuditTrail } from '../../../src/observe/audit-trail.ts';
import { RosterKeeper } from '../../../src/coordinator/roster-keeper.ts';
import { KnownAgents } from '../../../src/store/known-agents.ts';
import { FiledQueries } from '../../../src/coordinator/filed-queries.ts';
import { openSavedQueries } from '../../../src/store/saved-queries.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';

const BODY: IngestBody = {
  stream: 'beats',
  format: 'ndjson',
  body: new Uint8Array(),
  timeField: null,
  slackMs: 0,
};
const REJECTED = { accepted: 0, rejected: 1, errors: [{ line: 1 }] };
const hosts: EngineHost[] = [];

let store: Store;

beforeAll(async () => {
  store = await openStore({ dataDir: null, sync: 'normal', config: DEFAULTS });
});

afterAll(() => store.close());

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

function hostWith(shards: number): EngineHost {
  const clock = { now: () => 1_000 };
  const saved = new FiledQueries(openSavedQueries(store.sql));
  const audit = new AuditTrail(clock);
  const roster = new RosterKeeper(new KnownAgents(store.sql), DEFAULTS);
  const parts = { config: DEFAULTS, clock, demo: null, facts: () => ({}), saved, audit, roster };
  const host = new EngineHost(parts);
  hosts.push(host);
  const ignore = (): void => undefined;
  host.start({ count: shards, send: ignore, sendToAll: ignore });
  for (let shard = 0; shard < shards; shard++) host.handle({ type: 'shard-up', shard });
  return host;
}

describe('a body that waits for its verdict', () => {
  test('is rejected when its shard fails, and no other is', async () => {
    const host = hostWith(2);
    const bodies = [host.ingest(BODY), host.ingest(BODY)];
    host.shardDown(0, 'test');
    host.shardOutputs(
      1,
      [1, 2].map((request) => ({
        type: 'ingested',
        request,
        accepted: 5,
        rejected: 0,
        errors: [],
      })),
    );
    const accepted = (await Promise.all(bodies)).map((verdict) => verdict.accepted);
    expect(new Set(accepted)).toStrictEqual(new Set([0, 5]));
  });

  test('is rejected when its shard ends in a drain', async () => {
    const host = hostWith(1);
    const body = host.ingest(BODY);
    host.handle({ type: 'drain', reason: 'test' });
    host.shardDown(0, 'it ended');
    expect(await body).toMatchObject(REJECTED);
    expect(host.engine.shardRestarts.size).toBe(0);
  });

  test('is rejected at the latest when the host stops', async () => {
    const host = hostWith(1);
    const body = host.ingest(BODY);
    await host.stop();
    expect(await body).toMatchObject(REJECTED);
  });

  test('is not taken any more once the engine drains', async () => {
    const host = hostWith(1);
    host.handle({ type: 'drain', reason: 'test' });
    await expect(host.ingest(BODY)).rejects.toMatchObject({ code: 'ENGINE_STOPPING' });
  });
});

test('a shard that is down is shown as down while the engine stays', () => {
  const host = hostWith(2);
  host.shardDown(0, 'test');
  expect(host.status()).toMatchObject({
    ready: true,
    shards: [{ state: 'down', restarts: 1 }, { state: 'up' }],
  });
});
