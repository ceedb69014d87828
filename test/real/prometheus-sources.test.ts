/** Debian's Prometheus writes to us, and its node-exporter is asked by our agent. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../src/gateway/free-port.ts';
import { fenceWith } from '../support/doc-fences.ts';
import {
  endAll,
  start,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import { describeReal } from '../support/real.ts';
import { readEvents, rowsOf, windowsOf } from '../support/result-reader.ts';

afterEach(endAll);

const TOKEN = 'of-sixteen-characters-or-more';

interface Ledger {
  readonly closes: boolean;
  readonly streams: Readonly<
    Record<string, { received: number; evaluated: number; dropped: Record<string, number> }>
  >;
}

describeReal('Prometheus', ['prometheus'], (paths) => {
  test('what it scrapes it writes to us', async () => {
    const yaml = `tokens: [{ name: prometheus, token: ${TOKEN}, scopes: [ingest] }]\n`;
    const engine = await startEngine({ yaml });
    const shown = fenceWith('docs/sources.md', 'yml', 'remote_write')
      .replace('7071', String(engine.ingestPort))
      .replace('TOKEN', TOKEN);
    const folder = temporaryFolder();
    const port = await freePort('127.0.0.1');
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s, external_labels: { site: here } }
scrape_configs:
  - { job_name: squilla, static_configs: [{ targets: ['127.0.0.1:${engine.port}'] }] }
${shown.trimEnd()}
    queue_config: { batch_send_deadline: 500ms }
    metadata_config: { send: true, send_interval: 1s }
`,
    );
    mkdirSync(join(folder, 'data'));
    const [samples, shards] = await Promise.all([
      readEvents(
        engine.url,
        `select name, value, job, instance, labels.site as site, series from prometheus
          where name = 'up'`,
      ),
      readEvents(
        engine.url,
        `select max(value) as shards from prometheus
          where name = 'squilla_live_shards' window 2s`,
      ),
    ]);
    start(paths.prometheus, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const instance = `127.0.0.1:${engine.port}`;
    await until(() => rowsOf(samples).length >= 2, 'two samples of up', 45_000);
    expect(rowsOf(samples)[0]).toEqual({
      ...{ name: 'up', value: 1, job: 'squilla', instance, site: 'here' },
      series: `up{instance="${instance}",job="squilla",site="here"}`,
    });
    await until(
      () => windowsOf(shards).some(({ rows }) => rows.some((row) => row['shards'] === 1)),
      'a window with the number of shards',
      45_000,
    );
    const ledger = (await engine.get('/api/v1/ledger')) as Ledger;
    expect(ledger.closes).toBe(true);
    expect(ledger.streams['prometheus']?.dropped).toEqual({});
  });
});

describeReal('node-exporter', ['prometheus-node-exporter'], (paths) => {
  test('is asked while somebody wants to know, and its counters are rates', async () => {
    const engine = await startEngine();
    const port = await freePort('127.0.0.1');
    start(paths['prometheus-node-exporter'], [`--web.listen-address=127.0.0.1:${port}`]);
    const [, ...words] = fenceWith('docs/sources.md', 'sh', 'agent scrape')
      .replace('9100', String(port))
      .replace('5s', '1s')
      .trim()
      .split(' ');
    const agent = startSquilla(...words, '--url', engine.ingestUrl);
    const up = await readEvents(
      engine.url,
      "select value, instance, samples from prometheus where name = 'up' and job = 'node'",
    );
    await until(() => rowsOf(up).some(({ value }) => value === 1), 'the target is up', 45_000);
    const answered = rowsOf(up).find(({ value }) => value === 1);
    expect(answered?.['instance']).toBe(`127.0.0.1:${port}`);
    expect(answered?.['samples']).toBeGreaterThan(100);
    const busy = await readEvents(
      engine.url,
      `select sum(rate) as cores, count(*) as n from prometheus
        where name = 'node_cpu_seconds_total' and rate is not null window 2s group by labels.mode`,
    );
    const idle = (row: Readonly<Record<string, unknown>>): boolean => row['mode'] === 'idle';
    await until(
      () => windowsOf(busy).some(({ rows }) => rows.some((row) => Number(row['n']) > 0)),
      'rates of processors',
      45_000,
    );
    const rows = windowsOf(busy).flatMap((window) => window.rows);
    for (const row of rows) expect(Number(row['cores'] ?? 0)).toBeGreaterThanOrEqual(0);
    expect(rows.some((row) => idle(row) || row['labels.mode'] === 'idle')).toBe(true);
    expect(agent.err()).not.toContain('cannot be read');
    const ledger = (await engine.get('/api/v1/ledger')) as Ledger;
    expect(ledger.closes).toBe(true);
  });
});
