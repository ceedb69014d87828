/** What the engine says of alerts, pages, saved queries and itself, as the page tells it. */
import { describe, expect, test } from 'vitest';
import { onePage } from './support/one-page.ts';
import { completeness, rows, schema } from './support/results.ts';

const { open } = onePage();

const ALERT = {
  ...{ rule: 'errors', condition: 'threshold', key: '{"region":"eu"}', state: 'firing' },
  ...{ episode: 'e1', severity: 'warning', labels: { alertname: 'errors', region: 'eu' } },
  ...{ startsAt: Date.now(), reason: 'failed > 0.05', values: {}, annotations: {} },
  evidence: {
    exemplars: [{ time: 1, status: 503, path: '/play', session: '<img src=x onerror=alert(1)>' }],
  },
  ...{ runbook: null, owner: null, evaluatedThrough: null, incident: null, receivers: [] },
  muted: { silences: [], maintenance: [], inhibitions: [] },
  ...{ acknowledgement: null, escalation: null },
};

const JOB = {
  ...{ id: 'n1', sequence: 1, state: 'sent', attempts: 1, nextMs: 0, note: 'HTTP 200' },
  ...{ createdMs: Date.now(), settledMs: Date.now() },
  notification: {
    ...{ id: 'n1', incident: 'i1', receiver: 'pager', reason: 'new', status: 'firing' },
    group: { key: '', labels: { alertname: 'errors' } },
    ...{ alerts: [{}], truncated: 0, acknowledgement: null, atMs: 0 },
  },
  text: 'FIRING errors\nregion eu: failed > 0.05',
};

describe('an alert', () => {
  test('has events that show what it is about, and one opens whole', async () => {
    const { page } = await open({
      hash: '#/alerts',
      answers: { 'v1/alerts': { alerts: [ALERT] }, 'v1/annotations': { annotations: [] } },
    });
    const example = page.locator('.exemplars button');
    await example.waitFor();
    expect(await example.textContent()).toContain('status 503 · path /play');
    await example.click();
    expect(await page.locator('.event-json').textContent()).toContain('<img src=x');
    expect(await page.locator('img').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  });

  test('was told to somebody in words that the delivery log shows', async () => {
    const { page, engine } = await open({
      hash: '#/alerts/deliveries',
      answers: { 'v1/notifications': { notifications: [JOB] }, 'v1/routes': { route: {} } },
    });
    await page.locator('.list button', { hasText: 'new: alertname errors' }).click();
    const text = page.locator('dialog pre', { hasText: 'FIRING errors' });
    await text.waitFor();
    expect(await text.textContent()).toBe(JOB.text);
    expect(engine.requests).toContain('GET /api/v1/notifications');
  });
});

test('a saved query of a file names it, cannot be removed here, and mistakes have their place', async () => {
  const { page } = await open({
    answers: {
      'v1/saved-queries': {
        queries: [
          { name: 'ours', text: 'select a from s', description: '', version: 1 },
          { name: 'filed', text: 'select b from s', description: '', version: 1, file: 'b.mql' },
        ],
        mistakes: [
          { file: 'bad.mql', line: 3, column: 7, severity: 'error', message: 'no `window` here' },
        ],
      },
    },
  });
  await page.locator('.side-parts button', { hasText: 'Saved' }).click();
  const filed = page.locator('.kept-item', { hasText: 'filed' });
  await filed.locator('.kept-file', { hasText: 'in b.mql' }).waitFor();
  expect(await filed.locator('.icon-button').count()).toBe(0);
  const ours = page.locator('.kept-item', { hasText: 'ours' });
  expect(await ours.locator('.icon-button').count()).toBe(1);
  const mistake = page.locator('.kept-mistakes li');
  expect(await mistake.textContent()).toBe('bad.mql:3:7 no window here');
});

test('values of a sample, of a sketch and of a cut list are marked, others are not', async () => {
  const { page } = await open({
    script: ({ send }) => {
      const column = { name: 'n', type: 'number', role: 'value' } as const;
      send(schema({ columns: [column, { ...column, name: 'users' }], keys: [] }));
      const start = Math.floor(Date.now() / 1_000) * 1_000 - 5_000;
      for (let i = 0; i < 5; i++) {
        const state = completeness({ estimated: ['users'], emittedAt: start + i * 1_000 });
        send(rows(start + i * 1_000, [{ n: 4, users: 1_000 }], { completeness: state }));
      }
    },
  });
  const users = page.locator('.chart', { hasText: 'users' }).locator('.value-mark');
  await users.waitFor();
  expect(await users.getAttribute('title')).toContain('sketch');
  expect(await page.locator('.chart .value-mark').count()).toBe(1);
  expect(await page.locator('.table-card th .value-mark').count()).toBe(1);
});
