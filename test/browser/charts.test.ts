/**
 * Charts under the pointer and the keyboard: shown otherwise, paused, scrubbed, zoomed, narrowed.
 */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { onePage } from './support/one-page.ts';
import { FAST_MS } from './support/page.ts';
import type { OpenOptions } from './support/page.ts';
import { column, rows, schema, world } from './support/results.ts';

const tests = onePage();

async function open(options: OpenOptions = {}): Promise<Page> {
  return (await tests.open(options)).page;
}

const PATIENT = { timeout: 15_000 };
const LONG = world({ history: 300, incidents: false, everyMs: FAST_MS });

function timesShown(page: Page): Promise<string[]> {
  return page.locator('.scrubber .numeric').allTextContents();
}

/** Drags from one part of the plot to another, as a hand does. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator('.chart .u-over').boundingBox();
  if (box === null) throw new Error('there is no chart');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y, { steps: 4 });
  await page.mouse.move(box.x + box.width * to, y, { steps: 4 });
  await page.mouse.up();
}

describe('time', () => {
  test('is paused, scrubbed with the keyboard, and goes on', async () => {
    const page = await open({ script: LONG, hash: '#span=60' });
    await page.locator('.chart canvas').waitFor();
    const first = await page.locator('.table-head .numeric').textContent();
    await expect
      .poll(() => page.locator('.table-head .numeric').textContent(), PATIENT)
      .not.toBe(first);
    await page.locator('.button.pause').click();
    const paused = await timesShown(page);
    const rowsPaused = await page.locator('.table-head .numeric').textContent();
    await page.locator('.scrubber input').focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowLeft');
    const scrubbed = await timesShown(page);
    expect(scrubbed).not.toEqual(paused);
    await page.locator('.table-head h2', { hasText: 'Earlier window' }).waitFor();
    expect(await page.locator('.table-head .numeric').textContent()).not.toBe(rowsPaused);
    expect(await page.locator('.table-card tbody tr').count()).toBe(5);
    expect(await timesShown(page)).toEqual(scrubbed);
    await page.locator('.button.pause').click();
    await page.locator('.scrubber').waitFor({ state: 'detached' });
    await page.locator('.table-head h2', { hasText: 'Newest window' }).waitFor();
  });

  test('is dragged over, zoomed into, and left again', async () => {
    const page = await open({ script: LONG });
    await page.locator('.chart .u-over').waitFor();
    await drag(page, 0.3, 0.6);
    const bar = page.locator('.selection-bar');
    await bar.waitFor();
    const chosen = ((await bar.locator('.numeric').textContent()) ?? '').split(' – ');
    expect(chosen).toHaveLength(2);
    await bar.locator('button', { hasText: 'Zoom' }).click();
    await bar.waitFor({ state: 'detached' });
    expect(await timesShown(page)).toEqual(chosen);
    await page.locator('.spans button', { hasText: '1m' }).click();
    await page.locator('.scrubber').waitFor({ state: 'detached' });
  });

  test('under the pointer is read out in all charts at once', async () => {
    const query =
      'select p50(duration_ms), p95(duration_ms), p99(duration_ms) from requests window 1s';
    const hash = `#${new URLSearchParams({ q: query, run: '1' }).toString()}`;
    const page = await open({ script: LONG, hash });
    await page.locator('.chart .u-over').nth(2).waitFor();
    await page.locator('.button.pause').click();
    await page
      .locator('.chart .u-over')
      .first()
      .hover({ position: { x: 60, y: 60 } });
    const times = (): Promise<string[]> => page.locator('.chart .chart-time').allTextContents();
    await expect.poll(async () => new Set(await times()).size, PATIENT).toBe(1);
    expect((await times())[0]).toMatch(/^\d\d:\d\d:\d\d$/);
  });

  test('before the query is shown as far as the engine kept it', async () => {
    const beganMs = Math.floor(Date.now() / 10_000) * 10_000 - 240_000;
    const buckets = Array.from({ length: 15 }, (_, i) => ({
      ...{ startMs: beganMs + i * 10_000, windows: 10, mean: 300 + i },
    }));
    const page = await open({
      answers: {
        'v1/series': { stepMs: 10_000, lines: [{ keys: ['us-east'], column: 'starts', buckets }] },
      },
    });
    await page.locator('.chart[data-past=true]').waitFor(PATIENT);
    await expect
      .poll(() => tests.opened().engine.requests, PATIENT)
      .toContain('GET /api/v1/series');
  });

  test('is compared with what was earlier', async () => {
    const page = await open({ script: LONG });
    await page.locator('.chart canvas').waitFor();
    await page.locator('.choice select').nth(1).selectOption({ label: '1 min earlier' });
    await expect
      .poll(() => page.locator('.legend-item .earlier').allTextContents(), PATIENT)
      .toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/^ was \d/)));
  });
});

describe('a result', () => {
  test('is shown as lines, top list, numbers, heat map and table', async () => {
    const page = await open({ script: LONG });
    await page.locator('.chart canvas').waitFor();
    const choice = page.locator('.choice select').first();
    await choice.selectOption('bars');
    await page.locator('.top-list li').nth(4).waitFor();
    await choice.selectOption('stat');
    await expect.poll(() => page.locator('.stat').count(), PATIENT).toBe(5);
    await expect.poll(() => page.locator('.stat path').first().getAttribute('d')).toMatch(/^M.*L/);
    await choice.selectOption('heat');
    await page.locator('.heat-labels li').nth(4).waitFor();
    const canvas = page.locator('.heat canvas');
    await canvas.hover({ position: { x: 400, y: 10 } });
    await expect
      .poll(() => page.locator('.heat .chart-time').textContent(), PATIENT)
      .toMatch(/^us-east: \d+.* at \d\d:/);
    await choice.selectOption('table');
    await canvas.waitFor({ state: 'detached' });
    await choice.selectOption('lines');
    await page.locator('.chart canvas').waitFor();
  });

  test('is narrowed to a group by a click in its table and in its top list', async () => {
    const page = await open({ script: LONG });
    await page.locator('.chart canvas').waitFor();
    await page.locator('.cm-content').waitFor();
    await page.locator('.table-card td .link', { hasText: 'eu-west' }).click();
    await expect
      .poll(() => page.locator('.cm-content').textContent(), PATIENT)
      .toContain("where region = 'eu-west'");
  });

  test('of windows with a number of events says how full the next one is', async () => {
    const page = await open({
      hash: '#q=select+count(*)+as+n+from+plays+window+|100|&run=1',
      script: ({ send }) => {
        send(schema({ keys: [], columns: [column('n')], windowMs: null, slideMs: null }));
        const list = Array.from({ length: 5 }, (_, i) => ({
          ...{ n: 100, window_start: Date.now() - 9_000 + i * 1_500 },
          window_end: Date.now() - 8_000 + i * 1_500,
        }));
        send(rows(null, list, { append: true }));
        send({
          ...{ type: 'progress', watermark: Date.now(), lagMs: 0 },
          window: { filled: 37, of: 100 },
        });
      },
    });
    await page.locator('.figure', { hasText: 'window filled' }).locator('dd').waitFor();
    expect(await page.locator('.figure', { hasText: 'window filled' }).textContent()).toContain(
      '37/100',
    );
    await page.locator('.chart canvas').waitFor();
    await page.locator('.table-head', { hasText: '5 windows' }).waitFor();
  });
});
