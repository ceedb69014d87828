/** The page under bad luck and bad will: lost engines, hostile telemetry, missing tokens. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { builtDashboard } from './support/built-dashboard.ts';
import { FakeEngine } from './support/fake-engine.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { FAST_MS, openPage } from './support/page.ts';
import { column, rows, schema, stream, STREAMS, world } from './support/results.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

const HOSTILE = '<img src=x onerror="globalThis.hacked=1">';
const RTL = 'שלום\u202e<b>moc.live</b>';

describe('hostile telemetry', () => {
  test('is text and nothing else, in names, values, keys and messages', async () => {
    const names = [HOSTILE, RTL, '__proto__', 'constructor'];
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`field-${i}`, i]));
    const { page, errors, close } = await openPage(browser, {
      streams: [stream(HOSTILE, { [HOSTILE]: 'string', [RTL]: 'number' })],
      script: ({ send }) => {
        const columns = [column(HOSTILE, { type: 'string', role: 'key' }), column(RTL)];
        send(
          schema({
            columns,
            keys: [HOSTILE],
            warnings: [{ code: 'W', message: HOSTILE, hint: RTL }],
          }),
        );
        send(
          rows(1_000, [
            ...names.map((name) => ({ [HOSTILE]: name, [RTL]: 1 })),
            { [HOSTILE]: 'x'.repeat(100_000), [RTL]: 2, ...wide },
          ]),
        );
        send({
          type: 'gap',
          fromId: null,
          toId: null,
          fromTime: null,
          toTime: null,
          reason: HOSTILE,
        });
        send({ type: 'drop', reason: HOSTILE, count: 3 });
      },
    });
    await page.locator('.table-card tbody tr').first().waitFor();
    await page.locator('.stream-row').click();
    await page.locator('.field').first().waitFor();
    expect(await page.locator('.table-card tbody').textContent()).toContain('<img src=x');
    expect(await page.locator('img, b').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
    const longest = await page.evaluate(() =>
      Math.max(...[...document.querySelectorAll('td, th')].map((cell) => cell.textContent.length)),
    );
    expect(longest).toBeLessThan(200);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1440);
    expect(errors).toEqual([]);
    await close();
  });

  test('is text in what differs, in the builder, in marks and in every display', async () => {
    const evilRow = (name: string, n: number): ValueObject => ({
      ...{ [HOSTILE]: name, facet_events: n },
      facet_0: [
        { value: HOSTILE, count: n / 2, error: 0 },
        { value: RTL, count: n / 2, error: 0 },
      ],
    });
    const query = 'select count(*) as n from `<img src=x>` window 1s group by k';
    const { page, errors, close } = await openPage(browser, {
      hash: `#${new URLSearchParams({ q: query, run: '1' }).toString()}`,
      streams: [stream('<img src=x>', { [HOSTILE]: 'string', k: 'string', [RTL]: 'number' })],
      answers: {
        'v1/alerts/history': {
          transitions: [
            ...[{ to: 'firing', atMs: 2_000, startsAtMs: 2_000, endsAtMs: null }].map((one) => ({
              ...{ ...one, episode: 'e', rule: HOSTILE, key: `{"k":"${RTL}"}` },
            })),
          ],
        },
      },
      script: ({ query: asked, send }) => {
        const isFacet = asked.includes('facet_events');
        send(
          schema({
            columns: [column(HOSTILE, { type: 'string', role: 'key' }), column('n')],
            keys: [HOSTILE],
          }),
        );
        for (let w = 0; w < 40; w++) {
          const names = [HOSTILE, RTL];
          send(
            rows(
              w * 1_000,
              names.map((name) =>
                isFacet
                  ? evilRow(name, w < 20 ? 100 : 40)
                  : { [HOSTILE]: name, n: w < 20 ? 100 : 9 },
              ),
            ),
          );
        }
      },
    });
    await page.locator('.noticed li', { hasText: '<img src=x' }).waitFor();
    await page.locator('.query-actions button', { hasText: 'Build' }).click();
    await page.locator('.builder-chip').first().waitFor();
    await page.locator('.builder-add').first().click();
    await page.locator('.builder-form').waitFor();
    await page.locator('.noticed .link').first().click();
    await page.locator('.differs-fine').waitFor();
    for (const display of ['bars', 'stat', 'heat', 'table']) {
      await page.locator('.choice select').first().selectOption(display);
    }
    expect(await page.locator('img, b').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1440);
    expect(errors).toEqual([]);
    await close();
  });

  test('names and values of alerts are text, and only web addresses are links', async () => {
    const evil = '<img src=x onerror="globalThis.hacked=1">';
    const labels = Object.fromEntries([
      ['alertname', evil],
      [evil, evil],
      ['turned', '\u202egnp.exe'],
      ['long', 'x'.repeat(100_000)],
      ...Array.from({ length: 10_000 }, (_, i) => [`label${i}`, evil]),
    ]) as Record<string, string>;
    const alert = {
      ...{ rule: evil, condition: 'threshold', key: '{', state: 'firing', episode: 'e' },
      ...{ severity: evil, labels, startsAt: 0, reason: evil, values: {}, annotations: {} },
      evidence: { values: { [evil]: 1 }, baseline: evil, sparkline: [{ atMs: 0, value: 1 }] },
      ...{ runbook: 'javascript:hacked=1', owner: evil, evaluatedThrough: null },
      muted: { silences: [evil], maintenance: [evil], inhibitions: [] },
      ...{ incident: evil, receivers: [evil] },
      acknowledgement: { by: evil, comment: evil, atMs: 0, untilMs: null },
      escalation: { stepsDone: 1, steps: 2, next: { receiver: evil, atMs: 0 } },
    };
    const { page, errors, close } = await openPage(browser, {
      answers: { 'v1/alerts': { alerts: [alert] } },
      hash: '#/alerts',
    });
    await page.locator('.firing-alert').waitFor();
    expect(await page.locator('.firing-rule').textContent()).toContain('<img src=x');
    expect(await page.locator('.firing-rule').textContent()).not.toContain('\u202e');
    expect(await page.locator('.firing-rule .label').count()).toBeLessThan(20);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1440);
    expect(errors).toEqual([]);
    await close();
  });

  test('a thousand groups are drawn as eight lines and a counted rest', async () => {
    const { page, errors, close } = await openPage(browser, {
      script: ({ send }) => {
        send(schema());
        for (let w = 0; w < 5; w++) {
          const list = Array.from({ length: 1_000 }, (_, i) => ({
            region: `r${i}`,
            starts: i + w,
          }));
          send(rows(w * 1_000, list));
        }
      },
    });
    await page.locator('.chart-note', { hasText: '992 more groups' }).waitFor();
    expect(await page.locator('.legend-item').count()).toBe(8);
    expect(await page.locator('.table-card tbody tr').count()).toBeLessThan(60);
    await page.locator('.table-scroll').evaluate((box) => box.scrollTo({ top: 1_000_000 }));
    await page.locator('.table-card td', { hasText: 'r999' }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

describe('a lost engine', () => {
  test('is said, the last values stay, and the result goes on where it stopped', async () => {
    const { page, engine, errors, close } = await openPage(browser);
    await page.locator('.chart canvas').waitFor();
    const port = engine.port;
    await engine.stop();
    await page.locator('.banner').waitFor();
    await page.locator('.verdict strong', { hasText: 'Engine away' }).waitFor();
    expect(await page.locator('.table-card tbody tr').count()).toBe(5);

    const script = world({ history: 5, incidents: false, everyMs: FAST_MS });
    const next = await FakeEngine.start({
      files: await builtDashboard(),
      streams: STREAMS,
      port,
      script: (subscribed) => {
        subscribed.send({
          type: 'gap',
          fromId: null,
          toId: null,
          fromTime: null,
          toTime: null,
          reason: 'engine_restart',
        });
        return script(subscribed);
      },
    });
    await page.locator('.banner').waitFor({ state: 'detached' });
    await page.locator('[data-gap]', { hasText: 'engine_restart' }).waitFor();
    await page.locator('.verdict strong', { hasText: 'Complete' }).waitFor();
    expect(next.subscriptions[0]?.resume).toMatch(/^fake-\d+$/);
    expect(errors).toEqual([]);
    await next.stop();
    await close();
  });
});

describe('a token', () => {
  test('from the link becomes a cookie and leaves the address', async () => {
    const { page, engine, errors, close } = await openPage(browser, {
      token: 'secret-token',
      hash: '#token=secret-token',
    });
    await page.locator('.chart canvas').waitFor();
    expect(page.url()).not.toContain('secret');
    expect(engine.requests.join(' ')).not.toContain('secret');
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(errors).toEqual([]);
    await close();
  });

  test('is asked for when there is none', async () => {
    const { page, errors, close } = await openPage(browser, { token: 'secret-token' });
    await page.locator('.gate input').fill('wrong');
    await page.locator('.gate button').click();
    await page.locator('.gate [role=alert]').waitFor();
    await page.locator('.gate input').fill('secret-token');
    await page.locator('.gate button').click();
    await page.locator('.chart canvas').waitFor();
    expect(errors).toEqual([]);
    await close();
  });
});

test('the first load is at most 60 KB compressed, without the editor', async () => {
  const folder = await builtDashboard();
  const first = readFileSync(join(folder, 'index.html'), 'utf8').match(/assets\/[^"']+/g) ?? [];
  const bytes = first.map((file) => gzipSync(readFileSync(join(folder, file))).length);
  expect(readdirSync(join(folder, 'assets')).length).toBeGreaterThan(first.length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60 * 1024);
});
