/**
 * The first minutes of somebody who has never seen Squilla: from the demo's start page, without a
 * document, to what broke, since when, for whom, and an alert that fires for it. Every press below
 * is on something that the page itself offers.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { openAddress } from './support/page.ts';

let browser: Browser;
let engine: EngineProcess;
let page: Page;
let errors: readonly string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  engine = await startEngine({ flags: ['--demo'] });
  ({ page, errors } = await openAddress(browser, `${engine.url}/`, { isFirstVisit: true }));
}, 45_000);

afterAll(async () => {
  await browser.close();
  await endAll();
  expect(errors).toEqual([]);
});

/** What takes windows of a stream to show. */
const SOON = { timeout: 60_000 };

function step(title: string): Promise<void> {
  return page.locator('.tour h2', { hasText: title }).waitFor(SOON);
}

describe('a first visit', () => {
  test('finds out what broke, since when and for whom, and makes an alert that fires', async () => {
    await step('Find an incident');
    await page.locator('.tour button:enabled', { hasText: 'Break something' }).click(SOON);
    const brokenAt = Date.now();
    await step('What?');
    const noticed = page.locator('.noticed li', { hasText: 'eu-west' });
    await noticed.waitFor(SOON);
    expect(await noticed.textContent()).toMatch(/eu-west fell by \d+ % at \d\d:\d\d:\d\d/);
    const since = await page.evaluate(
      (text) => new Date(`${new Date().toDateString()} ${text}`).getTime(),
      /at (\d\d:\d\d:\d\d)/.exec((await noticed.textContent()) ?? '')?.[1] ?? '',
    );
    // The window that the incident began in, or one beside it.
    expect(Math.abs(since - brokenAt)).toBeLessThan(10_000);

    await noticed.locator('button', { hasText: 'What differs?' }).click();
    await step('For whom?');
    const first = page.locator('.difference').first();
    await page.locator('.difference-value', { hasText: 'tv' }).first().waitFor(SOON);
    expect(await first.locator('.difference-value').textContent()).toBe('devicetv');
    expect(await first.locator('.difference-part').textContent()).toMatch(/fall$/);
    await first.locator('.difference-value').click();

    await step('Be told');
    expect(await page.locator('.cm-content').textContent()).toContain(
      "where region = 'eu-west' and device = 'tv'",
    );
    await page.locator('.query-actions button', { hasText: 'Alert' }).click();
    await step('put it in force');
    await page.locator('.rule-mistake.good').waitFor();
    expect(await page.locator('[data-rule] .cm-content').textContent()).toMatch(
      /name: plays-low.*when: starts < \d+/,
    );
    await page.locator('button', { hasText: 'Put in force' }).click();
    await page.locator('.rule-head .state-firing').waitFor(SOON);
    await step('That is all');
    expect(Date.now() - brokenAt).toBeLessThan(180_000);
  }, 200_000);

  test('ends with the service healed, and is not greeted again', async () => {
    await page.locator('.tour button', { hasText: 'Heal' }).click();
    await page.locator('.tour').waitFor({ state: 'detached' });
    await page.goto(`${engine.url}/`);
    await page.reload();
    await page.locator('.chart canvas').waitFor();
    await page.locator('.demo').waitFor();
    expect(await page.locator('.tour').count()).toBe(0);
    await page.locator('.demo button', { hasText: 'Tour' }).click();
    await step('Find an incident');
    await page.locator('.tour [aria-label="Leave the tour"]').click();
    await page.locator('.tour').waitFor({ state: 'detached' });
  });
});

describe('what differs', () => {
  test('counts at the agents, and ends when it is closed', async () => {
    const counting = async (): Promise<number> => {
      const { queries } = (await engine.get('/api/v1/queries')) as {
        queries: { readonly canonical: string; readonly subscribers: number }[];
      };
      return queries.filter((one) => one.canonical.includes('facet_') && one.subscribers > 0)
        .length;
    };
    await page.locator('.query-actions button', { hasText: 'Differs' }).click();
    await page.locator('.differs-cost', { hasText: 'facet_events' }).waitFor(SOON);
    await until(async () => (await counting()) === 1, 'one query counts');
    await page.locator('.differs-close').click();
    await page.locator('.differs').waitFor({ state: 'detached' });
    await until(async () => (await counting()) === 0, 'nothing counts');
  });
});
