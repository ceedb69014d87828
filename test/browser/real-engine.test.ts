/** The page on a real engine with the real demo: incidents, a killed engine, a phone. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, signalTo, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { finalWindows, recordLiveFrames } from './support/live-frames.ts';
import type { LiveFrames } from './support/live-frames.ts';
import { openAddress, typeQuery } from './support/page.ts';

const LIVE_WITHIN_MS = 10_000;
const QUERY = 'select count(*) as starts from plays window 1s group by region';
const RUNS_QUERY = `#${new URLSearchParams({ q: QUERY, run: '1' }).toString()}`;

let browser: Browser;
let engine: EngineProcess;
let page: Page;
let frames: LiveFrames;
let errors: readonly string[] = [];
let liveAfterMs = 0;

beforeAll(async () => {
  browser = await launchChromium();
  const began = performance.now();
  engine = await startEngine({ flags: ['--demo'], settings: { lingerMs: 0 } });
  ({ page, errors } = await openAddress(browser, `${engine.url}/`, {}, (opening) => {
    frames = recordLiveFrames(opening);
  }));
  await verdict('Complete').waitFor();
  await row('eu-west').waitFor();
  liveAfterMs = performance.now() - began;
}, 45_000);

afterAll(async () => {
  await browser.close();
  await endAll();
  expect(errors).toEqual([]);
});

function verdict(word: string): Locator {
  return page.locator('.verdict strong', { hasText: word });
}

function row(region: string): Locator {
  return page.locator('.table-card tbody tr', { hasText: region });
}

async function valueOf(region: string): Promise<number> {
  const text = await row(region).locator('td.number').last().textContent();
  return Number(text?.replaceAll(',', ''));
}

async function press(text: string): Promise<void> {
  await page.locator('.demo button', { hasText: text }).click();
}

async function heal(): Promise<void> {
  await press('Heal everything');
  await page.locator('.demo [role=status]', { hasText: 'Healed' }).waitFor();
}

async function newestWindow(): Promise<string> {
  return (await page.locator('.table-head .numeric').textContent()) ?? '';
}

describe('a newcomer', () => {
  test('sees live data of the demo within ten seconds of the start', async () => {
    expect(liveAfterMs).toBeLessThan(LIVE_WITHIN_MS);
    await page.locator('.chart canvas').waitFor();
    await expect.poll(() => page.locator('.legend-item').count()).toBe(4);
    expect(await valueOf('us-east')).toBeGreaterThan(0);
  });

  test('mends a typo with the offered remedy and gets a live chart and table', async () => {
    await typeQuery(page, 'select p99(duration_ms) as slowest from requests windw 1s');
    await page.locator('.cm-lintRange-error').first().waitFor();
    await page.locator('.diagnostic.error .fix', { hasText: 'WINDOW' }).click();
    await page.locator('.diagnostic.error').waitFor({ state: 'detached' });
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Enter');
    await page.locator('.chart[data-column=slowest] canvas').waitFor();
    await verdict('Complete').waitFor();
    const seen = await newestWindow();
    await until(async () => (await newestWindow()) !== seen, 'the table moves on');
    await page.goto(`${engine.url}/${RUNS_QUERY}`);
    await until(async () => (await page.locator('.legend-item').count()) === 4, 'four regions');
  });

  test('is one subscriber of one query', async () => {
    const asked = async (): Promise<unknown[]> => {
      const { queries } = (await engine.get('/api/v1/queries')) as {
        queries: { owner: string | null }[];
      };
      // The demo's alert rules have queries of their own, which nobody asked.
      return queries.filter(({ owner }) => owner !== null);
    };
    await until(async () => (await asked()).length === 1, 'earlier queries are gone');
    expect(await asked()).toMatchObject([{ subscribers: 1 }]);
  });
});

describe('an incident', () => {
  test('an outage is a true zero: the value falls, the answer stays complete', async () => {
    const before = await valueOf('eu-west');
    await press('eu-west');
    await press('Outage');
    await until(async () => (await valueOf('eu-west')) <= before / 10, 'eu-west falls');
    await verdict('Complete').waitFor();
    expect(await page.locator('.completeness-note', { hasText: 'Not reporting' }).count()).toBe(0);
    expect(await valueOf('us-east')).toBeGreaterThan(0);
    await heal();
    await until(async () => (await valueOf('eu-west')) > before / 3, 'eu-west is back');
  });

  test('dead agents are no zero: the answer is degraded and names who is missing', async () => {
    await press('eu-west');
    await press('Agents die');
    await verdict('Degraded').waitFor();
    const missing = page.locator('.completeness-note', { hasText: 'Not reporting' });
    await missing.waitFor();
    expect(await missing.textContent()).toContain('eu-west');
    expect(await missing.textContent()).not.toContain('us-east');
    expect(await page.locator('.figure.warn', { hasText: 'agents' }).textContent()).toContain('/8');
    await heal();
    await verdict('Complete').waitFor({ timeout: 15_000 });
  });

  test('a stream without any agent left is silent: its values are unknown', async () => {
    for (const region of ['eu-west', 'us-east', 'us-west', 'ap-south']) {
      await press(region);
      await press('Agents die');
      await page.locator('.demo [role=status]', { hasText: `in ${region}` }).waitFor();
    }
    await verdict('Silent').waitFor();
    await page.locator('.table-card.unknown .tag', { hasText: 'not zero' }).waitFor();
    await heal();
    await verdict('Complete').waitFor({ timeout: 15_000 });
  });
});

describe('a killed engine', () => {
  test('comes back, and the page goes on by itself without a doubled window', async () => {
    const links = frames.opened();
    const before = finalWindows(frames).at(-1) ?? 0;
    const pid = engine.enginePid();
    signalTo(pid, 'SIGKILL');
    await until(() => frames.opened() > links, 'the page reconnects');
    await until(() => engine.enginePid() !== 0 && engine.enginePid() !== pid, 'a new engine');
    await page.locator('.link-open').waitFor({ timeout: 20_000 });
    const newest = (): number => finalWindows(frames).at(-1) ?? 0;
    await until(() => newest() > before + 1_000, 'windows of the new engine', 20_000);
    await verdict('Complete').waitFor({ timeout: 20_000 });
    await row('eu-west').waitFor();
    const starts = finalWindows(frames);
    expect(starts).toContain(before);
    expect(new Set(starts).size).toBe(starts.length);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    await expect.poll(() => page.locator('.table-card tbody tr').count()).toBe(4);
  });
});

describe('a phone', () => {
  test('shows the live answer without scrolling sideways', async () => {
    const phone = await openAddress(browser, `${engine.url}/${RUNS_QUERY}`, {
      width: 390,
      height: 844,
    });
    await phone.page.locator('.chart canvas').waitFor();
    await phone.page.locator('.table-card tbody tr').first().waitFor();
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await phone.page.locator('.drawer-button').click();
    await phone.page.locator('.demo-heal').waitFor();
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(phone.errors).toEqual([]);
    await phone.page.close();
  });
});
