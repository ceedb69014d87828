/** Whatever happens to alerts is an event of `squilla.alerts`, and stands with the alert itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { endAll, publish, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';

let feeder: NodeJS.Timeout | null = null;

afterEach(async () => {
  if (feeder !== null) clearInterval(feeder);
  feeder = null;
  await endAll();
  await closeHookServers();
});

const RULES = `rules:
  - name: flood
    query: select count(*) as n from plays window 200ms group by region
    when: n > 0
    keep_firing_for: 1h
    severity: critical
`;

interface AlertNow {
  readonly incident: string | null;
  readonly muted: { readonly silences: readonly string[] };
  readonly acknowledgement: { readonly by: string } | null;
  readonly escalation: { readonly stepsDone: number; readonly steps: number } | null;
  readonly receivers: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/** Rows of a running query, as server-sent events bring them. */
async function follow(engine: EngineProcess, query: string, rows: Row[]): Promise<void> {
  const response = await fetch(`${engine.url}/api/v1/query/live?q=${encodeURIComponent(query)}`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  void (async () => {
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const message = JSON.parse(line.slice(6)) as { rows?: Row[] };
        rows.push(...(message.rows ?? []));
      }
    }
  })().catch(() => undefined);
}

async function send(
  engine: EngineProcess,
  method: string,
  path: string,
  body?: object,
): Promise<Row> {
  const response = await fetch(`${engine.url}/api/v1/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBeLessThan(300);
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as Row;
}

async function alertNow(engine: EngineProcess): Promise<AlertNow | undefined> {
  const { alerts } = (await engine.get('/api/v1/alerts')) as { alerts: readonly AlertNow[] };
  return alerts[0];
}

test('whatever happens to an alert is told, and what mutes and escalates it stands with it', async () => {
  const server = await startHookServer();
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'rules.yaml'), RULES);
  const notify = join(temporaryFolder(), 'notify.yaml');
  writeFileSync(
    notify,
    `receivers: { hook: { type: webhook, url: '${server.url}', allowPrivate: true } }
route:
  receiver: hook
  groupBy: [alertname]
  groupWait: 0s
  escalate: [{ after: 1h, receiver: hook }]
`,
  );
  const engine = await startEngine({ flags: ['--rules', folder, '--notify', notify] });
  const rows: Row[] = [];
  await follow(engine, 'select event, rule, to, state, by from squilla.alerts', rows);
  feeder = setInterval(() => {
    void publish(engine, 'plays', [{ region: 'eu' }]).catch(() => undefined);
  }, 50);
  await until(() => server.hooks.length > 0, 'the page', 20_000);
  await until(async () => (await alertNow(engine))?.incident != null, 'its incident', 20_000);
  expect(await alertNow(engine)).toMatchObject({
    muted: { silences: [], maintenance: [], inhibitions: [] },
    acknowledgement: null,
    escalation: { stepsDone: 0, steps: 1, next: { receiver: 'hook' } },
    receivers: ['hook'],
  });

  const incident = (await alertNow(engine))?.incident;
  await send(engine, 'POST', 'acknowledgements', { incident, for: '1h', comment: 'on it' });
  expect(await alertNow(engine)).toMatchObject({
    acknowledgement: { comment: 'on it' },
    escalation: { next: null },
  });
  const silence = { matchers: ['alertname = flood'], for: '1h', comment: 'known' };
  await send(engine, 'POST', 'silences', silence);
  expect((await alertNow(engine))?.muted.silences).toHaveLength(1);
  const { id } = await silenceOf(engine);
  await send(engine, 'DELETE', `silences/${id}`);
  expect((await alertNow(engine))?.muted.silences).toHaveLength(0);

  const events = ['transition', 'delivery', 'acknowledged', 'silence', 'silence-expired'];
  const seen = (): unknown[] => [...new Set(rows.map(({ event }) => event))];
  await until(() => events.every((event) => seen().includes(event)), 'all events', 20_000);
  expect(rows).toContainEqual(expect.objectContaining({ event: 'transition', to: 'firing' }));
  expect(rows).toContainEqual(
    expect.objectContaining({ event: 'delivery', rule: 'flood', state: 'sent' }),
  );
}, 60_000);

async function silenceOf(engine: EngineProcess): Promise<{ readonly id: string }> {
  const { silences } = (await engine.get('/api/v1/silences')) as {
    silences: readonly { readonly id: string }[];
  };
  return silences[0]!;
}
