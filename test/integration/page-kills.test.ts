/**
 * The same as test/simulation/page-kills.test.ts with a real process, a real database and a real
 * `kill -9`: at each commit of a page and its end, before and after it, and while a request is
 * under way.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import {
  endAll,
  signalTo,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';
import type { Hook, HookServer } from '../support/hook-server.ts';

/** A process has to start twice in a test, on a machine that may be busy. */
const TEST_MS = 90_000;
const WAIT_MS = 40_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '../support/kill-at-commit.mjs')).href;

afterEach(async () => {
  await endAll();
  await closeHookServers();
});

interface World {
  readonly engine: EngineProcess;
  readonly server: HookServer;
  readonly folder: string;
}

async function begin(kill: string): Promise<World> {
  const server = await startHookServer();
  const folder = temporaryFolder();
  const file = join(folder, 'notify.yaml');
  writeFileSync(
    file,
    `receivers: { hook: { type: webhook, url: '${server.url}/hook', allowPrivate: true } }
route: { receiver: hook, groupWait: 0s, groupInterval: 100ms }
`,
  );
  const { NODE_OPTIONS = '' } = process.env;
  process.env['NODE_OPTIONS'] = `${NODE_OPTIONS} --import=${PRELOAD}`;
  process.env['SQUILLA_TEST_KILL'] = `${kill}:${folder}`;
  try {
    const engine = await startEngine({
      settings: { deliveryRetryMinMs: 20, deliveryRetryMaxMs: 40, breakerFailures: 1_000 },
      flags: ['--notify', file, '--data', join(folder, 'data')],
    });
    return { engine, server, folder };
  } finally {
    process.env['NODE_OPTIONS'] = NODE_OPTIONS;
    delete process.env['SQUILLA_TEST_KILL'];
  }
}

/** As a Prometheus does: again until it is taken. */
async function post(engine: EngineProcess, endsAt: string): Promise<void> {
  const body = JSON.stringify([{ labels: { alertname: 'down' }, endsAt }]);
  const headers = { 'content-type': 'application/json' };
  const isTaken = async (): Promise<boolean> => {
    try {
      const ask = { method: 'POST', headers, body };
      return (await fetch(`${engine.url}/api/v2/alerts`, ask)).status === 200;
    } catch {
      return false;
    }
  };
  await until(isTaken, 'the alert is taken', WAIT_MS);
}

interface Told {
  readonly id: string;
  readonly subject: string;
  readonly data: { readonly status: string };
}

function told({ hooks }: HookServer): Told[] {
  return hooks.map(({ body }) => JSON.parse(body) as Told);
}

/** A page and its end. */
async function play({ engine, server }: World): Promise<void> {
  const statuses = (): string[] => told(server).map(({ data }) => data.status);
  await post(engine, '2100-01-01T00:00:00Z');
  await until(() => statuses().includes('firing'), 'the page', WAIT_MS);
  await post(engine, '2020-01-01T00:00:00Z');
  await until(() => statuses().includes('resolved'), 'its end', WAIT_MS);
}

async function isDelivered({ engine }: World): Promise<boolean> {
  try {
    const { notifications } = (await engine.get('/api/v1/notifications')) as {
      notifications: { state: string }[];
    };
    return notifications.length === 2 && notifications.every(({ state }) => state === 'sent');
  } catch {
    return false;
  }
}

/** Both are told under one name, one of them twice at most and under its id, the end last. */
function checkTold(server: HookServer): void {
  const all = told(server);
  expect(new Set(all.map(({ subject }) => subject)).size).toBe(1);
  expect(new Set(all.map(({ id }) => id)).size).toBe(2);
  expect(all.length).toBeLessThanOrEqual(3);
  expect(all.at(-1)?.data.status).toBe('resolved');
}

test.each([1, 2, 3, 4].flatMap((n) => [`${n}:before`, `${n}:after`]))(
  'kill -9 at commit %s',
  async (kill) => {
    const world = await begin(kill);
    writeFileSync(join(world.folder, 'armed'), '');
    await play(world);
    await until(() => isDelivered(world), 'all is delivered', WAIT_MS);
    // Otherwise this would be a test of nothing.
    expect(existsSync(join(world.folder, 'done'))).toBe(true);
    checkTold(world.server);
  },
  TEST_MS,
);

test.each(['firing', 'resolved'])(
  'kill -9 after %s was taken and before its answer',
  async (status) => {
    const world = await begin('0:before');
    let isKilled = false;
    world.server.answer = (hook: Hook) => {
      if (isKilled || !hook.body.includes(`"status":"${status}"`)) return { status: 200 };
      isKilled = true;
      signalTo(world.engine.enginePid(), 'SIGKILL');
      return null;
    };
    await play(world);
    await until(() => isDelivered(world), 'all is delivered', WAIT_MS);
    checkTold(world.server);
    expect(world.server.hooks).toHaveLength(3);
  },
  TEST_MS,
);
