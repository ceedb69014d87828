/**
 * Debian's Alertmanager hears of our alerts, and silences of either side are understood by both.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { endAll, start, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { freePort } from '../../src/gateway/free-port.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';
import { describeReal } from '../support/real.ts';

afterEach(async () => {
  await endAll();
  await closeHookServers();
});

interface AmAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

describeReal('Alertmanager', ['prometheus-alertmanager', 'amtool'], (paths) => {
  async function startAlertmanager(hook: string): Promise<string> {
    const folder = temporaryFolder();
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(
      file,
      `route: { receiver: hook, group_by: [alertname], group_wait: 10ms, group_interval: 100ms }
receivers: [{ name: hook, webhook_configs: [{ url: '${hook}' }] }]
`,
    );
    const port = await freePort('127.0.0.1');
    start(paths['prometheus-alertmanager'], [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ]);
    const url = `http://127.0.0.1:${port}`;
    await until(() => isReady(url), 'Alertmanager is ready', 20_000);
    return url;
  }

  async function startOurs(alertmanager: string): Promise<EngineProcess> {
    const file = join(temporaryFolder(), 'notify.yaml');
    writeFileSync(
      file,
      `receivers: { am: { type: alertmanager, url: '${alertmanager}', allowPrivate: true } }
route: { receiver: am, groupWait: 0s, groupInterval: 100ms }
`,
    );
    return startEngine({ flags: ['--notify', file] });
  }

  test('takes our alerts, tells of them, and hears of their end', async () => {
    const hook = await startHookServer();
    const alertmanager = await startAlertmanager(hook.url);
    const engine = await startOurs(alertmanager);
    await postAlert(engine.url, 3_600_000);
    const [alert] = await until(async () => {
      const alerts = (await getJson(`${alertmanager}/api/v2/alerts`)) as AmAlert[];
      return alerts.length > 0 ? alerts : null;
    }, 'the alert in Alertmanager');
    expect(alert?.labels).toEqual({ alertname: 'sps-drop', region: 'eu-west' });
    expect(alert?.annotations).toMatchObject({ summary: 'starts <fell>' });
    expect(alert?.status.state).toBe('active');
    await until(() => hook.hooks.length > 0, 'its webhook', 20_000);
    expect(JSON.parse(hook.hooks[0]?.body ?? '')).toMatchObject({ version: '4', status: 'firing' });
    await postAlert(engine.url, -1_000);
    await until(
      () => hook.hooks.some(({ body }) => (JSON.parse(body) as AmHook).status === 'resolved'),
      'its end by the webhook',
      20_000,
    );
  });

  test('understands our silences, and we its', async () => {
    const hook = await startHookServer();
    const alertmanager = await startAlertmanager(hook.url);
    const engine = await startOurs(alertmanager);
    await postAlert(engine.url, 3_600_000);
    await until(
      async () => ((await getJson(`${alertmanager}/api/v2/alerts`)) as unknown[]).length > 0,
      'the alert in Alertmanager',
    );
    const ours = await addSilence(engine.url);
    expect(await silencesThere(engine.url)).toEqual([ours]);
    // What one says, the other takes as it is, and the other way round.
    const [shape] = (await getJson(`${engine.url}/api/v2/silences`)) as Record<string, unknown>[];
    const { matchers, startsAt, endsAt, createdBy, comment } = shape ?? {};
    const body = { matchers, startsAt, endsAt, createdBy, comment };
    const theirs = await postSilence(alertmanager, body);
    const [back] = (await getJson(`${alertmanager}/api/v2/silences`)) as Record<string, unknown>[];
    expect(back).toMatchObject({ id: theirs, matchers, createdBy, comment });
    const again = await postSilence(engine.url, { ...back, id: '', startsAt, endsAt });
    expect(await silencesThere(engine.url)).toEqual([ours, again].sort());
    for (const url of [engine.url, alertmanager]) {
      const alerts = (await getJson(`${url}/api/v2/alerts`)) as AmAlert[];
      expect(alerts.map(({ status }) => status.state)).toEqual(['suppressed']);
    }
    await remove(engine.url, ours);
    await remove(engine.url, again);
    const [heard] = (await getJson(`${engine.url}/api/v2/alerts`)) as AmAlert[];
    expect(heard?.status.state).toBe('active');
  });

  test('amtool works against us', async () => {
    const hook = await startHookServer();
    const engine = await startOurs(await startAlertmanager(hook.url));
    await postAlert(engine.url, 3_600_000);
    const amtool = (...args: string[]): string => {
      const where = [`--alertmanager.url=${engine.url}`, '--no-version-check'];
      const run = spawnSync(paths.amtool, [...where, ...args]);
      expect(`${run.status} ${run.stderr.toString()}`).toBe('0 ');
      return run.stdout.toString();
    };
    expect(amtool('alert', 'query', 'region=eu-west')).toContain('sps-drop');
    const id = amtool('silence', 'add', 'region=~eu.*', '--comment=x', '--author=ann').trim();
    expect(amtool('silence', 'query')).toContain(id);
    expect(amtool('alert', 'query')).not.toContain('sps-drop');
    amtool('silence', 'expire', id);
    expect(amtool('alert', 'query')).toContain('sps-drop');
  });
});

interface AmHook {
  readonly status: string;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

async function postAlert(url: string, forMs: number): Promise<void> {
  const endsAt = new Date(performance.timeOrigin + performance.now() + forMs).toISOString();
  const labels = { alertname: 'sps-drop', region: 'eu-west' };
  const alerts = [{ labels, annotations: { summary: 'starts <fell>' }, endsAt }];
  const body = JSON.stringify(alerts);
  const answer = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: JSON_HEADERS,
    body,
  });
  expect(answer.status).toBe(200);
}

async function addSilence(url: string): Promise<string> {
  const matchers = ['region =~ "eu-.*"', 'alertname != other'];
  const body = JSON.stringify({ matchers, for: '1h', comment: 'moving', author: 'ann' });
  const answer = await fetch(`${url}/api/v1/silences`, {
    method: 'POST',
    headers: JSON_HEADERS,
    body,
  });
  return ((await answer.json()) as { id: string }).id;
}

async function postSilence(url: string, silence: object): Promise<string> {
  const body = JSON.stringify(silence);
  const answer = await fetch(`${url}/api/v2/silences`, {
    method: 'POST',
    headers: JSON_HEADERS,
    body,
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { silenceID: string }).silenceID;
}

async function silencesThere(url: string): Promise<string[]> {
  const silences = (await getJson(`${url}/api/v2/silences`)) as { id: string }[];
  return silences.map(({ id }) => id).sort();
}

async function remove(url: string, id: string): Promise<void> {
  expect((await fetch(`${url}/api/v2/silence/${id}`, { method: 'DELETE' })).status).toBe(200);
}
