/** The Live tail: honest about its sample, still when it is read, inert whatever comes, by keys. */
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, startEngine } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import type { Script } from './support/fake-engine.ts';
import { openAddress, openPage } from './support/page.ts';
import { column, rows, schema } from './support/results.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

/** Real milliseconds between two turns of the scripted streams. */
const TURN_MS = 60;

/**
 * `perSecond` events match; of them the tail is sent its share, spread over the turns. A second of
 * counts passes with every turn.
 */
function busy(perSecond: number, event: (i: number) => Record<string, unknown>): Script {
  return ({ query, send }) => {
    if (query.includes('count(*)')) {
      send(schema({ columns: [column('n')], keys: [] }));
      let start = 0;
      const timer = setInterval(() => {
        send(rows(start, [{ n: perSecond }]));
        start += 1_000;
      }, TURN_MS);
      return () => clearInterval(timer);
    }
    const oneIn = Number(/"factor": (\d+)/.exec(query)?.[1] ?? 1);
    send(schema({ columns: [column('*', { type: 'any' })], keys: [], windowMs: null }));
    let i = 0;
    const timer = setInterval(() => {
      const count = Math.round((perSecond / oneIn) * (TURN_MS / 1_000));
      const list = Array.from({ length: count }, () => event(i++));
      send(rows(null, list as never, { append: true }));
    }, TURN_MS);
    return () => clearInterval(timer);
  };
}

const plain = (i: number): Record<string, unknown> => ({
  ...{ 'event_time()': 1_795_874_400_000 + i, i, region: i % 2 === 0 ? 'eu-west' : 'us-east' },
  ...{ status: i % 9 === 0 ? 503 : 200, path: `/api/${i % 5}` },
});

async function rowTexts(page: Page): Promise<string[]> {
  return page.locator('.tail-row:not(.tail-head)').allTextContents();
}

describe('a busy stream', () => {
  test('is sampled at the source, and the page says how much it shows', async () => {
    const { page, engine, errors, close } = await openPage(browser, {
      script: busy(4_210, plain),
      hash: '#/tail?from=plays',
    });
    await page.locator('.tail-step', { hasText: '1 in 20 is shown' }).waitFor();
    expect(await page.locator('.tail-share').textContent()).toContain('4,210/s match');
    await expect
      .poll(() => page.locator('.tail-totals').textContent())
      .toMatch(/\d of [\d,]+ shown/);
    expect(engine.subscriptions.at(-1)?.query).toContain('"factor": 20');
    expect(await page.locator('.tail-row').count()).toBeLessThan(60);
    expect(errors).toEqual([]);
    await close();
  });

  test('stands still when it is scrolled, counts what comes, and goes on at the top', async () => {
    const { page, errors, close } = await openPage(browser, {
      script: busy(2_000, plain),
      hash: '#/tail?from=plays',
    });
    const scroller = page.locator('.tail-scroll');
    await expect.poll(() => scroller.evaluate((box) => box.scrollHeight)).toBeGreaterThan(3_000);
    await scroller.evaluate((box) => box.scrollTo({ top: 800 }));
    const pill = page.locator('.tail-waiting');
    await pill.filter({ hasText: /[1-9]\d* newer events?/ }).waitFor();
    const before = await rowTexts(page);
    await pill.filter({ hasText: /\d\d newer events/ }).waitFor();
    expect(await rowTexts(page)).toEqual(before);
    await pill.click();
    await pill.waitFor({ state: 'detached' });
    await expect.poll(() => scroller.evaluate((box) => box.scrollTop)).toBe(0);
    await expect.poll(() => rowTexts(page)).not.toEqual(before);
    expect(errors).toEqual([]);
    await close();
  });

  test('is used by keys alone: condition, pause, an event, its JSON, and on', async () => {
    const { page, engine, errors, close } = await openPage(browser, {
      script: busy(100, plain),
      hash: '#/tail?from=plays',
    });
    await page.locator('.tail-row:not(.tail-head)').nth(5).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('latency >');
    await page.locator('.tail-mistakes.error', { hasText: 'the condition ends' }).waitFor();
    await page.keyboard.type(' 800');
    await page.locator('.tail-mistakes:empty').waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await expect
      .poll(() => engine.subscriptions.map(({ query }) => query).join('\n'))
      .toContain('where (latency > 800');
    await expect.poll(() => page.url()).toContain('where=latency');
    await page.locator('.tail-row:not(.tail-head)').nth(5).waitFor();
    await page.locator('.tail-scroll').focus();
    await page.keyboard.press('Space');
    await page.locator('.tail-waiting').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const selected = page.locator('.tail-row[aria-selected=true]');
    await expect.poll(() => selected.getAttribute('aria-rowindex')).toBe('3');
    const json = JSON.parse(
      (await page.locator('.tail-details pre').textContent()) ?? '',
    ) as object;
    expect(json).toMatchObject({ region: expect.any(String), i: expect.any(Number) });
    expect(json).not.toHaveProperty('event_time()');
    await page.keyboard.press('Escape');
    await page.locator('.tail-details').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.locator('.tail-waiting').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    await close();
  });
});

test('a click makes a field a column, another asks for its value only', async () => {
  const { page, engine, errors, close } = await openPage(browser, {
    script: busy(100, plain),
    hash: '#/tail?from=requests',
  });
  await page.locator('.tail-field .field', { hasText: 'status' }).click();
  await page.locator('.tail-head [role=columnheader]', { hasText: 'status' }).waitFor();
  await expect.poll(() => page.url()).toContain('col=status');
  await page.locator('.tail-row.says-bad .tail-cell', { hasText: '503' }).first().click();
  await page
    .locator('.tail-fields li', { hasText: 'region' })
    .locator('button', { hasText: '=' })
    .click();
  await expect
    .poll(() => engine.subscriptions.at(-1)?.query ?? '')
    .toMatch(/where \(region = '(?:eu-west|us-east)'/);
  expect(errors).toEqual([]);
  await close();
});

const HOSTILE = '<img src=x onerror="globalThis.hacked=1">';

test('hostile names and values are text in the list, the fields and the event', async () => {
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, HOSTILE]));
  const { page, errors, close } = await openPage(browser, {
    script: busy(40, (i) => ({
      ...{ 'event_time()': i, [HOSTILE]: HOSTILE, rtl: 'שלום\u202e<b>x</b>' },
      ...{ long: 'x'.repeat(100_000), constructor: 1, ...(i % 7 === 0 ? wide : {}) },
    })),
    hash: `#/tail?from=plays&col=${encodeURIComponent(HOSTILE)}`,
  });
  await page.locator('.tail-cell', { hasText: '<img' }).first().click();
  await page.locator('.tail-details pre').waitFor();
  await page.locator('.tail-field-list li').nth(10).waitFor();
  expect(await page.locator('#app img, #app b').count()).toBe(0);
  expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
  expect(await page.locator('.tail-field').count()).toBeLessThan(200);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1440);
  expect(errors).toEqual([]);
  await close();
});

interface Axe {
  readonly run: () => Promise<AxeResults>;
}

describe('on a real engine', () => {
  let engine: EngineProcess;

  beforeAll(async () => {
    engine = await startEngine({ flags: ['--demo'] });
  }, 45_000);

  afterAll(endAll);

  test('the demo is followed, and all that matches of a rare condition is shown', async () => {
    const { page, errors } = await openAddress(
      browser,
      `${engine.url}/#/tail?from=requests&where=${encodeURIComponent("region = 'eu-west' and status >= 500")}`,
    );
    await page.locator('.tail-step', { hasText: 'every one is shown' }).waitFor();
    await page.locator('.tail-row.says-bad').first().waitFor();
    await page.locator('.verdict strong', { hasText: 'Complete' }).waitFor();
    for (const text of await rowTexts(page)) expect(text).toContain('eu-west');
    expect(errors).toEqual([]);
    await page.close();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing serious in %s', async (colorScheme) => {
    // axe is a script from outside the page, which the page's policy rightly refuses.
    const page = await browser.newPage({ colorScheme, bypassCSP: true });
    await page.goto(`${engine.url}/#/tail?from=requests&col=status&col=path`);
    await page.locator('.tail-row:not(.tail-head)').nth(3).click();
    await page.locator('.tail-details').waitFor();
    await page.evaluate(axe.source);
    const found = await page.evaluate(
      async () => (await (globalThis as unknown as { axe: Axe }).axe.run()).violations,
    );
    const serious = found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ''}`);
    expect(serious).toEqual([]);
    await page.close();
  });

  test('fits a phone, with the event over the list', async () => {
    const { page, errors } = await openAddress(browser, `${engine.url}/#/tail?from=plays`, {
      width: 390,
      height: 844,
    });
    await page.locator('.tail-row:not(.tail-head)').nth(3).click();
    await page.locator('.tail-details').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.locator('button[aria-label="Close the event"]').click();
    await page.locator('.drawer-button').click();
    await page.locator('.tail-field .field').first().click();
    await page.locator('.tail-head .tail-column').waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });
});
