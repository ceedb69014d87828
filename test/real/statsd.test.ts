/** A DogStatsD client as programs use it: hot-shots, with tags, rates, events and checks. */
import { StatsD } from 'hot-shots';
import { afterEach, expect, test } from 'vitest';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import { readEvents, rowsOf } from '../support/result-reader.ts';

afterEach(endAll);

/** On a machine that has other things to do. */
const PATIENCE_MS = 20_000;

test('hot-shots', async () => {
  const engine = await startEngine({ flags: ['--listen', 'statsd=0'] });
  const port = Number(/statsd +udp:\/\/[^:]+:(\d+)/.exec(engine.out())?.[1]);
  const seen = await readEvents(
    engine.url,
    `select name, type, value, weight, member, text, status, tags.region as region, tags.env as env
      from statsd`,
  );
  const client = new StatsD({
    ...{ host: '127.0.0.1', port, globalTags: { env: 'test' } },
    ...{ maxBufferSize: 500, bufferFlushInterval: 10 },
  });
  client.increment('plays', 3, { region: 'eu' });
  client.gauge('temperature', 21.5);
  client.timing('latency', 320);
  client.histogram('sizes', 7);
  client.distribution('spread', 1.5);
  client.unique('users', 'ann');
  client.event('deployed', 'version 2', { alert_type: 'success' });
  client.check('db.up', client.CHECKS.CRITICAL);
  await until(() => rowsOf(seen).length >= 8, 'eight events', PATIENCE_MS);
  await new Promise<void>((resolve) => {
    client.close(() => resolve());
  });
  const byName = new Map(rowsOf(seen).map((row) => [row['name'], row]));
  expect(byName.get('plays')).toMatchObject({
    ...{ type: 'counter', value: 3, region: 'eu', env: 'test' },
  });
  expect(byName.get('temperature')).toMatchObject({ type: 'gauge', value: 21.5 });
  expect(byName.get('latency')).toMatchObject({ type: 'timing', value: 320, weight: 1 });
  expect(byName.get('sizes')).toMatchObject({ type: 'histogram', value: 7 });
  expect(byName.get('spread')).toMatchObject({ type: 'distribution', value: 1.5 });
  expect(byName.get('users')).toMatchObject({ type: 'set', member: 'ann' });
  expect(byName.get('deployed')).toMatchObject({ type: 'event', text: 'version 2', env: 'test' });
  expect(byName.get('db.up')).toMatchObject({ type: 'check', status: 'critical' });
  const ledger = (await engine.get('/api/v1/ledger')) as {
    readonly closes: boolean;
    readonly streams: Readonly<Record<string, { readonly dropped: object }>>;
  };
  expect([ledger.closes, ledger.streams['statsd']?.dropped]).toEqual([true, {}]);
});
