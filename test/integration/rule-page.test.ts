/** From an event to a page: a rule of ours fires, is paged, survives a kill, and ends. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  endAll,
  publish,
  signalTo,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';
import type { Hook } from '../support/hook-server.ts';

let feeder: NodeJS.Timeout | null = null;

afterEach(async () => {
  stopFeeding();
  await endAll();
  await closeHookServers();
});

interface Told {
  readonly subject: string;
  readonly data: {
    readonly reason: string;
    readonly alerts: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
      readonly link: string;
      readonly page: Readonly<Record<string, string>>;
    }[];
  };
}

const RULES = `rules:
  - name: flood
    query: select count(*) as n from plays window 200ms group by region
    when: n > 5
    # A busy machine may feed nothing for a window or two.
    keep_firing_for: 3s
    severity: critical
    runbook: https://wiki.test/flood
    annotations: { summary: 'plays in {{key.region}} rose to {{row.n}}' }
`;

test('a rule pages with its evidence, once, also over a kill -9, and its end is told', async () => {
  const server = await startHookServer();
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'rules.yaml'), RULES);
  const notify = join(temporaryFolder(), 'notify.yaml');
  writeFileSync(
    notify,
    `receivers: { hook: { type: webhook, url: '${server.url}', allowPrivate: true } }
route: { receiver: hook, groupBy: [alertname, region], groupWait: 0s }
`,
  );
  const data = join(temporaryFolder(), 'data');
  const engine = await startEngine({
    flags: ['--rules', folder, '--notify', notify, '--data', data],
  });
  feed(engine);
  await until(() => server.hooks.length > 0, 'the page', 20_000);
  const alert = told(server.hooks[0]).data.alerts[0];
  expect(alert?.labels).toMatchObject({ alertname: 'flood', region: 'eu-west' });
  expect(alert?.annotations['summary']).toMatch(/^plays in eu-west rose to \d+$/);
  expect(alert?.page).toMatchObject({
    value: expect.stringMatching(/n \d+/) as string,
    seen: expect.stringMatching(/agents.*source/) as string,
    runbook: 'https://wiki.test/flood',
  });
  expect(alert?.link).toContain('plays');

  const killedMs = performance.timeOrigin + performance.now();
  signalTo(engine.enginePid(), 'SIGKILL');
  await until(() => engine.err().includes('is up again'), 'the restart', 20_000);
  await until(async () => (await firing(engine)) === 1, 'it fires still', 20_000);
  // Until the new engine has heard of the stream, its absence is no evidence, and nothing would
  // end.
  await until(async () => (await newestWindowMs(engine)) > killedMs, 'a window again', 20_000);
  stopFeeding();
  await until(() => reasons(server.hooks).includes('resolved'), 'the end', 20_000);
  expect(reasons(server.hooks)).toEqual(['new', 'resolved']);
  expect(new Set(server.hooks.map((hook) => told(hook).subject)).size).toBe(1);
}, 60_000);

function told(hook: Hook | undefined): Told {
  return JSON.parse(hook?.body ?? '{}') as Told;
}

/** Of each delivery once: what was in flight when the engine was killed may come twice. */
function reasons(hooks: readonly Hook[]): string[] {
  const byId = new Map(hooks.map((hook) => [hook.headers['squilla-delivery'], hook]));
  return [...byId.values()].map((hook) => told(hook).data.reason);
}

/** End of the newest window that had a row for the alert. */
async function newestWindowMs(engine: EngineProcess): Promise<number> {
  const { keys } = (await engine.get('/api/v1/rules/flood')) as {
    keys: { values: { window_end: number } }[];
  };
  return keys[0]?.values.window_end ?? 0;
}

function feed(engine: EngineProcess): void {
  const events = Array.from({ length: 20 }, () => ({ region: 'eu-west' }));
  feeder = setInterval(() => {
    // While the engine is down nobody takes them.
    publish(engine, 'plays', events).catch(() => undefined);
  }, 50);
}

function stopFeeding(): void {
  if (feeder !== null) clearInterval(feeder);
  feeder = null;
}

async function firing(engine: EngineProcess): Promise<number> {
  try {
    const { alerts } = (await engine.get('/api/v1/alerts')) as { alerts: { condition: string }[] };
    return alerts.filter(({ condition }) => condition === 'threshold').length;
  } catch {
    // It is not up yet.
    return 0;
  }
}
