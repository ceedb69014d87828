/** The query as things to click, in step with its text both ways. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { onePage } from './support/one-page.ts';
import { typeQuery } from './support/page.ts';
import type { OpenOptions } from './support/page.ts';

const PATIENT = { timeout: 15_000 };

const tests = onePage();

async function open(options: OpenOptions = {}): Promise<Page> {
  const { page } = await tests.open(options);
  await page.locator('.cm-content').waitFor();
  await page.locator('.query-actions button', { hasText: 'Build' }).click();
  await page.locator('.builder').waitFor();
  return page;
}

async function textIs(page: Page, wanted: string): Promise<void> {
  await expect
    .poll(async () => (await page.locator('.cm-line').allTextContents()).join('\n'), PATIENT)
    .toBe(wanted);
}

test('clicks write the text, and every change runs', async () => {
  const page = await open();
  await page.locator('.builder select[aria-label=Stream]').selectOption('requests');
  await textIs(page, 'select count(*) as starts from requests window 1s group by region');
  await page.locator('.builder-add[aria-label="Add a filter"]').click();
  await page.locator('.builder-form select[aria-label=Field]').selectOption('status');
  await page.locator('.builder-form select[aria-label=Comparison]').selectOption('>=');
  await page.locator('.builder-form input').fill('500');
  await page.keyboard.press('Enter');
  await page.locator('.builder-add[aria-label="Show more"]').click();
  await page.locator('.builder-form select[aria-label=Measure]').selectOption('p99');
  await page.locator('.builder-form select[aria-label="Of field"]').selectOption('duration_ms');
  await page.locator('.builder-form button[type=submit]').click();
  await page.locator('.builder select[aria-label="Group by"]').selectOption('path');
  await page.locator('.builder select[aria-label=Window]').selectOption('10s');
  const wanted =
    'select count(*) as starts, p99(duration_ms) from requests where status >= 500 window 10s ' +
    'group by region, path';
  await textIs(page, wanted);
  await expect.poll(() => tests.opened().engine.subscriptions.at(-1)?.query, PATIENT).toBe(wanted);
  await page.locator('.builder button[aria-label="Remove region"]').click();
  await page.locator('.builder button[aria-label="Remove status >= 500"]').click();
  await textIs(
    page,
    'select count(*) as starts, p99(duration_ms) from requests window 10s group by path',
  );
});

test('the text changes what can be clicked, and a mistake waits', async () => {
  const page = await open();
  await typeQuery(page, "select max(latency) from plays where device = 'tv' window 5s limit 3");
  await page.locator('.builder-chip', { hasText: "device = 'tv'" }).waitFor();
  expect(await page.locator('.builder select[aria-label=Window]').inputValue()).toBe('5s');
  await page.locator('.builder-note', { hasText: 'limit' }).waitFor();
  await typeQuery(page, 'select max(latency from plays');
  await page.locator('.builder-note', { hasText: 'without mistakes' }).waitFor();
  await typeQuery(page, 'select * from a join b within 1s on k');
  await page.locator('.builder-chip', { hasText: 'a join b within 1s on k' }).waitFor();
});

test('is left as it was found, and fits a phone', async () => {
  const page = await open({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.reload();
  await page.locator('.builder').waitFor();
  await page.locator('.query-actions button', { hasText: 'Build' }).click();
  await page.reload();
  await page.locator('.chart canvas').waitFor();
  expect(await page.locator('.builder').count()).toBe(0);
});

test('a whole question is offered by its name, with gaps to fill', async () => {
  const page = await open();
  await typeQuery(page, '');
  await page.locator('.cm-content').click();
  await page.keyboard.type('perc');
  await page.locator('.cm-tooltip-autocomplete li', { hasText: 'percentiles' }).click();
  await textIs(page, 'select p50(x), p95(x), p99(x) from host.cpu window 1s');
});
