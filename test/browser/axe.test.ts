/** Every screen, in both themes, as axe-core sees it. */
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, startEngine } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';

let browser: Browser;
let engine: EngineProcess;

beforeAll(async () => {
  browser = await launchChromium();
  engine = await startEngine({ flags: ['--demo'] });
}, 45_000);

afterAll(async () => {
  await browser.close();
  await endAll();
});

/** How long a screen may take on a busy machine. */
const PATIENT = { timeout: 15_000 };

const PLACES: readonly string[] = [
  '',
  '#/alerts',
  '#/alerts/rules',
  '#/alerts/rules/demo-plays-drop',
  '#/alerts/rules/demo-plays-drop/edit',
  '#/alerts/new',
  '#/alerts/silences',
  '#/alerts/history',
  '#/alerts/deliveries',
  '#/fleet',
  '#/fleet/streams',
  '#/fleet/queries',
  '#/fleet/tables',
  '#/fleet/ledger',
];

async function seriousAt(open: Page): Promise<readonly string[]> {
  await open.evaluate(axe.source);
  const found = await open.evaluate(
    async () => (await (globalThis as unknown as { axe: Axe }).axe.run()).violations,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ''}`);
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each(PLACES)('axe finds nothing serious at "%s"', async (hash) => {
    // axe is a script from outside the page, which the page's policy rightly refuses.
    const open = await browser.newPage({ colorScheme, bypassCSP: true });
    await open.goto(`${engine.url}/${hash}`);
    await open.locator(READY).first().waitFor(PATIENT);
    expect(await seriousAt(open)).toEqual([]);
    await open.close();
  });

  test('axe finds nothing serious in Explore with all its parts open', async () => {
    const open = await browser.newPage({ colorScheme, bypassCSP: true });
    await open.goto(`${engine.url}/`);
    await open.locator('.tour').waitFor(PATIENT);
    await open.locator('.chart canvas').waitFor(PATIENT);
    for (const key of ['b', 'x', 'd', 'p']) await open.keyboard.press(key);
    for (const part of ['.builder', '.stage', '.differs-fine', '.scrubber']) {
      await open.locator(part).first().waitFor(PATIENT);
    }
    expect(await seriousAt(open)).toEqual([]);
    for (const display of ['bars', 'stat', 'heat']) {
      await open.locator('.choice select').first().selectOption(display);
      await open.locator('.top-list li, .stat, .heat-labels li').first().waitFor(PATIENT);
      expect(await seriousAt(open)).toEqual([]);
    }
    await open.close();
  });
});

test.each([
  '',
  '#/fleet',
  '#/fleet/streams',
  '#/alerts/rules',
  '#/alerts/new',
  '#/boards/requests',
])('axe finds nothing serious in high contrast at "%s"', async (hash) => {
  const open = await browser.newPage({ bypassCSP: true });
  await open.addInitScript(() => localStorage.setItem('squilla.theme', 'contrast'));
  await open.goto(`${engine.url}/${hash}`);
  await open.locator(`${READY}, .stat`).first().waitFor(PATIENT);
  expect(await open.evaluate(() => document.documentElement.dataset['theme'])).toBe('contrast');
  expect(await seriousAt(open)).toEqual([]);
  await open.close();
});

interface Axe {
  readonly run: () => Promise<AxeResults>;
}

/** What shows that a screen stands. */
const READY =
  '.chart canvas, .firing-alert, .list tbody tr, .why-windows li, .preview, .flow, .empty-title';
