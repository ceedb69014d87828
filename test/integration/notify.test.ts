/** Pages from a real engine: alerts come in over HTTP, receivers are servers on this machine. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  endAll,
  signalTo,
  squilla,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';
import type { Hook, HookServer } from '../support/hook-server.ts';

afterEach(async () => {
  await endAll();
  await closeHookServers();
});

interface Told {
  readonly id: string;
  readonly subject: string;
  readonly type: string;
  readonly data: {
    readonly reason: string;
    readonly status: string;
    readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
  };
}

function told(hook: Hook): Told {
  return JSON.parse(hook.body) as Told;
}

function brief({ hooks }: HookServer): string[] {
  return hooks.map((hook) => {
    const { data } = told(hook);
    return `${data.reason} ${data.status} ${data.alerts[0]?.labels['alertname'] ?? ''}`;
  });
}

function settings(server: HookServer, route = ''): string {
  return `
receivers:
  hook: { type: webhook, url: '${server.url}/hook', allowPrivate: true }
route: { receiver: hook, groupWait: 0s, groupInterval: 100ms${route} }
`;
}

async function post(engine: EngineProcess, name: string, forMs: number): Promise<void> {
  const endsAt = new Date(performance.timeOrigin + performance.now() + forMs).toISOString();
  const body = JSON.stringify([{ labels: { alertname: name }, endsAt }]);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${engine.url}/api/v2/alerts`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
}

interface World {
  readonly server: HookServer;
  readonly folder: string;
  readonly file: string;
  readonly start: () => Promise<EngineProcess>;
}

async function world(route = ''): Promise<World> {
  const server = await startHookServer();
  const folder = temporaryFolder();
  const file = join(folder, 'notify.yaml');
  writeFileSync(file, settings(server, route));
  const data = join(folder, 'data');
  return {
    server,
    folder,
    file,
    start: () =>
      startEngine({
        settings: { deliveryRetryMinMs: 20, deliveryRetryMaxMs: 40, breakerFailures: 1_000 },
        flags: ['--notify', file, '--data', data],
      }),
  };
}

test('a posted alert is paged, and its end too', async () => {
  const { server, start } = await world();
  const engine = await start();
  await post(engine, 'down', 60_000);
  await until(() => server.hooks.length === 1, 'the page');
  await post(engine, 'down', -1_000);
  await until(() => server.hooks.length === 2, 'the end');
  expect(brief(server)).toEqual(['new firing down', 'resolved resolved down']);
  const log = (await engine.get('/api/v1/notifications')) as { notifications: { state: string }[] };
  expect(log.notifications.map(({ state }) => state)).toEqual(['sent', 'sent']);
});

test('deliveries are events on the stream of alerts', async () => {
  const { server, start } = await world();
  const engine = await start();
  const query = "select count(*) as n from squilla.alerts where event = 'delivery' window 1s";
  const live = squilla(['query', query, '--json', '--for', '5s', '--url', engine.url]);
  await until(
    async () =>
      ((await engine.get('/api/v1/queries')) as { queries: unknown[] }).queries.length > 0,
    'the query',
  );
  await post(engine, 'down', 60_000);
  await until(() => server.hooks.length === 1, 'the page');
  expect((await live).out).toMatch(/"n":1\b/);
});

describe('kill -9', () => {
  test('while a receiver is down loses no page, and its incident keeps its name', async () => {
    const { server, start } = await world();
    server.answer = () => ({ status: 503 });
    const engine = await start();
    await post(engine, 'down', 3_600_000);
    await until(() => server.hooks.length >= 2, 'attempts');
    signalTo(engine.enginePid(), 'SIGKILL');
    await until(() => engine.err().includes('is up again'), 'the restart');
    server.answer = () => ({ status: 200 });
    const before = server.hooks.length;
    await until(() => server.hooks.length > before, 'the page after the restart');
    await post(engine, 'down', -1_000);
    await until(() => brief(server).at(-1) === 'resolved resolved down', 'the end');
    expect(new Set(server.hooks.map((hook) => told(hook).subject)).size).toBe(1);
    // One notification that fires, however often it was tried, and one that ends.
    expect(new Set(server.hooks.map((hook) => told(hook).id)).size).toBe(2);
  });

  test('at any moment repeats at most what was in flight, with the ids it had', async () => {
    const { server, start } = await world(', groupBy: [alertname]');
    const taken = new Set<string>();
    const twice: string[] = [];
    server.answer = (hook) => {
      const { id } = told(hook);
      if (taken.has(id)) twice.push(id);
      taken.add(id);
      return { status: 200 };
    };
    const engine = await start();
    const kills = 2;
    for (let n = 0; n < kills; n += 1) {
      await Promise.all(Array.from({ length: 5 }, (_, k) => post(engine, `a${n}-${k}`, 3_600_000)));
      // Sometimes before the first delivery, sometimes amid them.
      await until(() => taken.size >= n * 5 + n, 'some pages');
      signalTo(engine.enginePid(), 'SIGKILL');
      await until(() => engine.err().split('is up again').length > n + 1, 'the restart');
      await until(() => taken.size >= (n + 1) * 5, 'all pages of the round');
    }
    expect(taken.size).toBe(kills * 5);
    // deliveriesInFlightMax for the one receiver, at each kill.
    expect(twice.length).toBeLessThanOrEqual(kills * 4);
  }, 60_000);
});

describe('files', () => {
  test('are taken anew when they change, as a whole or not at all', async () => {
    const { server, start, file } = await world();
    const other = await startHookServer();
    const engine = await start();
    await post(engine, 'down', 60_000);
    await until(() => server.hooks.length === 1, 'the page');
    writeFileSync(file, settings(other).replace('receiver: hook', 'receiver: hok'));
    const status = async (): Promise<{ mistakes: string[] }> =>
      ((await engine.get('/api/v1/routes')) as { status: { mistakes: string[] } }).status;
    await until(async () => (await status()).mistakes.length > 0, 'the mistake');
    expect((await status()).mistakes[0]).toMatch(
      /notify\.yaml:4:\d+: no receiver is called `hok`; `hook`\?/,
    );
    await post(engine, 'slow', 60_000);
    await until(() => server.hooks.length === 2, 'a page by the old settings');
    writeFileSync(file, settings(other));
    await until(async () => (await status()).mistakes.length === 0, 'the new settings');
    await post(engine, 'late', 60_000);
    await until(() => other.hooks.length === 1, 'a page by the new settings');
    expect(brief(other)).toEqual(['new firing late']);
    expect(brief(server)).toEqual(['new firing down', 'new firing slow']);
  });

  test('with mistakes stop the start, and say where', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'notify'));
    writeFileSync(join(folder, 'notify', 'a.yaml'), 'receivers: { x: { type: pager } }\n');
    writeFileSync(join(folder, 'notify', 'b.yml'), 'rout: {}\n');
    const run = await squilla([
      'up',
      '--notify',
      join(folder, 'notify'),
      '--port',
      '0',
      '--ingest-port',
      '0',
    ]);
    expect(run.code).not.toBe(0);
    expect(run.err).toMatch(/a\.yaml:1:25: `type` is one of pagerduty, slack/);
    expect(run.err).toMatch(/b\.yml:1:1: `rout` is not known here; `route`\?/);
  });
});

test('a heartbeat says that Squilla is alive', async () => {
  const { server, start, file } = await world();
  writeFileSync(file, `${readFileSync(file, 'utf8')}watchdog: { receiver: hook, every: 1s }\n`);
  await start();
  await until(() => server.hooks.length >= 2, 'two heartbeats');
  expect(told(server.hooks[0] as Hook)).toMatchObject({ type: 'dev.squilla.alert.heartbeat' });
});

test('the command line silences, acknowledges, tests and lists', async () => {
  const { server, start, folder, file } = await world();
  const engine = await start();
  const run = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await squilla([...args, '--url', engine.url]);
    expect(`${code} ${err}`).toBe('0 ');
    return out;
  };
  await post(engine, 'down', 3_600_000);
  await until(() => server.hooks.length === 1, 'the page');
  expect(await run('incidents')).toMatch(/alertname=down\s+1\s+0\s+hook/);
  expect(await run('ack', 'down', '--for', '1h', '--comment', 'on it')).toMatch(/on it/);
  await until(() => server.hooks.length === 2, 'the acknowledgement');
  await run('ack', 'down', '--undo');
  await until(() => server.hooks.length === 3, 'the page after it');
  expect(await run('silence', 'preview', 'alertname=~do.*')).toMatch(
    /mutes 1 now:\n {2}alertname=down/,
  );
  const added = await run('silence', 'add', 'alertname=down', '--for', '1h', '--comment', 'moving');
  expect(added).toMatch(/mutes 1 now/);
  const id = added.slice(0, 8);
  expect(await run('silence', 'list')).toMatch(new RegExp(`${id}\\s+active\\s+alertname="down"`));
  expect(await run('silence', 'expire', id)).toMatch(/1 alerts are heard again/);
  await until(() => server.hooks.length === 4, 'the page after the silence');
  expect(brief(server).slice(1)).toEqual([
    'acknowledged firing down',
    'unacknowledged firing down',
    'unmuted firing down',
  ]);
  expect(await run('notify', 'test', 'hook')).toBe('hook took it: HTTP 200\n');
  expect(told(server.hooks.at(-1) as Hook).type).toBe('dev.squilla.alert.test');
  expect(await run('notify', 'receivers')).toMatch(/hook\s+webhook\s+0\s+works/);
  expect(await run('rules', 'route-test', 'alertname=x')).toMatch(/^hook {2}by route \{\}/);
  expect(await run('notifications', '--state', 'sent')).toMatch(/unmuted\s+firing\s+down\s+sent/);
  const offline = await squilla(['rules', 'route-test', 'a=b', '--file', file]);
  expect(offline.out).toMatch(/^hook/);
  expect((await squilla(['notify', 'check', file])).out).toMatch(/^1 receivers/);
  const refused = await squilla([
    'silence',
    'add',
    'a=~.*',
    '--for',
    '1h',
    '--comment',
    'x',
    '--url',
    engine.url,
  ]);
  expect(refused.err).toMatch(/it would mute every alert/);
  const trail = (): string => readFileSync(join(folder, 'data', 'audit.jsonl'), 'utf8');
  await until(() => trail().includes('"action":"test-receiver"'), 'the audit trail');
  const actions = [...trail().matchAll(/"action":"([\w-]+)"/g)].map(([, action]) => action);
  expect(actions).toEqual([
    'acknowledge',
    'unacknowledge',
    'silence',
    'expire-silence',
    'test-receiver',
  ]);
});
