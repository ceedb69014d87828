/**
 * Connections go to shards that are up, in turn, or to the one that an agent was asked to move to.
 */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { IngestHandlers, IngestTransport } from '../../../src/gateway/ingest-transport.ts';
import { ForwardingListener } from '../../../src/main/forwarding-listener.ts';

interface Dealer {
  readonly forwarding: ForwardingListener;
  /** Shards, in the order in which connections were dealt to them. */
  readonly opened: number[];
  readonly sentAway: number[];
  readonly open: (connection: number) => void;
}

/** Three shards are up. */
async function dealer(): Promise<Dealer> {
  const opened: number[] = [];
  const sentAway: number[] = [];
  let handlers: IngestHandlers | null = null;
  const transport: IngestTransport = {
    name: 'ws',
    reason: '',
    listen: (_, given) => {
      handlers = given;
      return Promise.resolve({
        port: 1,
        connections: 0,
        send: () => undefined,
        disconnect: (connection: number) => sentAway.push(connection),
        close: () => undefined,
      });
    },
  };
  const forwarding = new ForwardingListener(3, (shard) => opened.push(shard));
  for (const shard of [0, 1, 2]) forwarding.shardUp(shard);
  const options = { host: '', port: 0, shared: false, allowedHosts: [], tls: null };
  const app = { handle: () => Promise.reject(new Error('no requests here')) };
  await forwarding.listen(transport, { ...options, config: DEFAULTS }, app);
  return {
    forwarding,
    opened,
    sentAway,
    open: (connection) => handlers?.open(connection, 'agent'),
  };
}

test('a shard that is down gets no connection, and with none up they are sent away', async () => {
  const { forwarding, opened, sentAway, open } = await dealer();
  forwarding.shardLost(1);
  for (const connection of [1, 2, 3]) open(connection);
  expect(opened).toStrictEqual([0, 2, 0]);
  forwarding.shardLost(0);
  forwarding.shardLost(2);
  expect(new Set(sentAway)).toStrictEqual(new Set([1, 2, 3]));
  open(4);
  expect(sentAway).toContain(4);
  forwarding.shardUp(1);
  open(5);
  expect(opened.at(-1)).toBe(1);
});

test('an agent that was asked to move is dealt to the shard that waits for it', async () => {
  const { forwarding, opened, open } = await dealer();
  forwarding.expect(2);
  forwarding.expect(2);
  forwarding.expect(1);
  for (const connection of [1, 2]) open(connection);
  forwarding.shardLost(1);
  for (const connection of [3, 4, 5]) open(connection);
  expect(opened, 'the shard that is down is not waited for').toStrictEqual([2, 2, 0, 2, 0]);
});
