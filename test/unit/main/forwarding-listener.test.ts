/** Connections go to shards that are up, in turn. */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { IngestHandlers, IngestTransport } from '../../../src/gateway/ingest-transport.ts';
import { ForwardingListener } from '../../../src/main/forwarding-listener.ts';

test('a shard that is down gets no connection, and with none up they are sent away', async () => {
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
  const open = (connection: number): void => handlers?.open(connection, 'agent');
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
