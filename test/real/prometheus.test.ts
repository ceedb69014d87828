/** Debian's Prometheus evaluates a rule over our own metrics and sends us the alert. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { endAll, start, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import { freePort } from '../../src/gateway/free-port.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';
import { describeReal } from '../support/real.ts';

afterEach(async () => {
  await endAll();
  await closeHookServers();
});

describeReal('Prometheus', ['prometheus'], (paths) => {
  test('sends its alerts to us, and we page', async () => {
    const hook = await startHookServer();
    const folder = temporaryFolder();
    const notify = join(folder, 'notify.yaml');
    writeFileSync(
      notify,
      `receivers: { hook: { type: webhook, url: '${hook.url}', allowPrivate: true } }
route: { receiver: hook, groupWait: 0s }
`,
    );
    const engine = await startEngine({ flags: ['--notify', notify] });
    writeFileSync(
      join(folder, 'rules.yml'),
      `groups:
  - name: squilla
    rules:
      - alert: SquillaUp
        expr: squilla_live_shards > 0
        labels: { severity: page }
        annotations: { summary: '{{ $value }} shards at work', runbook_url: 'https://wiki.test/up' }
`,
    );
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: squilla, static_configs: [{ targets: ['127.0.0.1:${engine.port}'] }] }]
alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${engine.port}'] }] }] }
`,
    );
    mkdirSync(join(folder, 'data'));
    const port = await freePort('127.0.0.1');
    start(paths.prometheus, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await until(() => hook.hooks.length > 0, 'a page of what Prometheus saw', 45_000);
    const told = JSON.parse(hook.hooks[0]?.body ?? '') as {
      data: { alerts: { labels: object; severity: string; runbook: string; link: string }[] };
    };
    const [alert] = told.data.alerts;
    expect(alert?.labels).toMatchObject({ alertname: 'SquillaUp', severity: 'page' });
    expect(alert).toMatchObject({ severity: 'critical', runbook: 'https://wiki.test/up' });
    expect(alert?.link).toMatch(/^http:.*squilla_live_shards/);
  });
});
