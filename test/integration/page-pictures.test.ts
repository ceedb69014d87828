/** The picture of a page, fetched from a real engine the way PagerDuty or Slack fetch it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import {
  endAll,
  publish,
  signalTo,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';

afterEach(async () => {
  await endAll();
  await closeHookServers();
});

const RULE = `
rules:
  - name: many
    query: select count(*) as n, samples(2) as examples from plays window 200ms group by region
    when: n > 5
    keep_firing_for: 10m
    annotations: { summary: '{{#exemplars}}{{title}} {{/exemplars}}' }
`;

interface Sent {
  readonly images: readonly { readonly src: string; readonly alt: string }[];
  readonly payload: {
    readonly custom_details: { readonly alerts: readonly Record<string, string>[] };
  };
}

test('a page has examples and a picture, which whoever has its address may fetch', async () => {
  const server = await startHookServer();
  const folder = temporaryFolder();
  const rules = temporaryFolder();
  writeFileSync(join(rules, 'many.yaml'), RULE);
  writeFileSync(join(folder, 'key'), 'k'.repeat(32));
  const notify = join(folder, 'notify.yaml');
  writeFileSync(
    notify,
    `receivers:
  pd:
    type: pagerduty
    routingKeyFile: ${join(folder, 'key')}
    url: '${server.url}/v2/enqueue'
    allowPrivate: true
route: { receiver: pd, groupWait: 0s }
imagesUrl: https://pages.test
`,
  );
  const flags = ['--rules', rules, '--notify', notify, '--data', join(folder, 'data')];
  const engine = await startEngine({ flags });
  await until(async () => {
    const events = Array.from({ length: 20 }, () => ({ region: 'eu', title: 'Ocean' }));
    await publish(engine, 'plays', events);
    return server.hooks.length > 0;
  }, 'the page');
  const sent = JSON.parse(server.hooks[0]?.body ?? '') as Sent;
  const [page] = sent.payload.custom_details.alerts;
  expect(page).toMatchObject({
    what: 'Ocean Ocean ',
    example: expect.stringContaining('title=Ocean'),
  });
  const [image] = sent.images;
  expect(image?.src).toMatch(/^https:\/\/pages\.test\/trend\/[\w-]+\.png$/);
  const path = new URL(image?.src ?? '').pathname;
  // From a page of PagerDuty, through a proxy that has another name.
  const foreign = { 'Sec-Fetch-Site': 'cross-site', 'X-Forwarded-Host': 'pages.test' };
  const answer = await fetch(engine.url + path, { headers: foreign });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  const png = Buffer.from(await answer.arrayBuffer());
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  const data = png.subarray(png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8);
  expect(inflateSync(data).length).toBe(48 * 241);
  const forged = path.replace(/.{6}\.png$/, 'AAAAAA.png');
  expect((await fetch(engine.url + forged)).status).toBe(404);
  // Addresses outlive the process that signed them.
  const pid = engine.enginePid();
  signalTo(pid, 'SIGKILL');
  const again = await until(
    async () => {
      if (engine.enginePid() === pid) return false;
      const fetched = await fetch(engine.url + path).catch(() => null);
      return fetched !== null && fetched.status !== 503 ? fetched.status : false;
    },
    'the engine is up again',
    30_000,
  );
  expect(again).toBe(200);
}, 60_000);
