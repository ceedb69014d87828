/** Boards: panels over one socket, variables, dragging, saving, annotations, the wall, phones. */
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, startEngine } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { recordLiveFrames } from './support/live-frames.ts';
import { openAddress, openPage } from './support/page.ts';

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

/** How long a busy machine may take. */
const PATIENT = { timeout: 20_000 };

async function open(hash: string, view: object = {}): Promise<{ page: Page; errors: string[] }> {
  const opened = await openAddress(browser, `${engine.url}/${hash}`, view);
  return opened;
}

function panel(page: Page, title: string) {
  return page.locator('.board-panel', { has: page.locator('h3', { hasText: title }) });
}

async function boardOf(name: string): Promise<Record<string, unknown>> {
  return (await engine.get(`/api/v1/boards/${name}`)) as Record<string, unknown>;
}

async function put(name: string, panels: readonly object[]): Promise<void> {
  const response = await fetch(`${engine.url}/api/v1/boards/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, title: name, panels }),
  });
  expect(response.status).toBeLessThan(300);
}

/** Running queries over devices that somebody reads and that leave events out. */
async function narrowed(): Promise<number> {
  const { queries } = (await engine.get('/api/v1/queries')) as {
    queries: { canonical: string; subscribers: number; seen: number; matched: number }[];
  };
  return queries.filter(
    ({ canonical, subscribers, seen, matched }) =>
      canonical.includes('GROUP BY device') && subscribers > 0 && matched > 0 && matched < seen,
  ).length;
}

const RATE = 'select rate() as rps from requests window 1s group by region';

describe('a board', () => {
  test('shows every panel live over one socket', async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 2_000 } });
    page.setDefaultTimeout(20_000);
    const frames = recordLiveFrames(page);
    await page.goto(`${engine.url}/#/boards`);
    await page.locator('.board-card', { hasText: 'Playback (demo)' }).click();
    await panel(page, 'Starts by region').locator('.chart canvas').waitFor();
    await panel(page, 'Errors by code').locator('.top-list li').first().waitFor();
    await panel(page, 'Titles').locator('tbody tr').first().waitFor();
    const number = panel(page, 'Starts a second').locator('.stat strong');
    const before = await number.textContent();
    await expect.poll(() => number.textContent(), PATIENT).not.toBe(before);
    await panel(page, 'Starts a second').locator('.board-verdict.tone-good').waitFor();
    const subs = new Set(frames.results.map(({ sub }) => sub));
    expect(subs.size).toBeGreaterThanOrEqual(9);
    expect(frames.opened()).toBe(1);
    await page.close();
  });

  test('asks anew when a variable changes, and the address says so', async () => {
    const { page, errors } = await open('#/boards/playback');
    const legend = panel(page, 'Starts by device').locator('.legend-item');
    await legend.first().waitFor(PATIENT);
    const region = page.locator('.board-variable', { hasText: 'region' }).locator('select');
    const option = region.locator('option', { hasText: 'eu-west' });
    await option.waitFor({ state: 'attached', ...PATIENT });
    await region.selectOption('eu-west');
    await expect.poll(() => page.url()).toContain('var-region=eu-west');
    // The same text with another value is another query, which lets less through.
    await expect.poll(narrowed, PATIENT).toBeGreaterThan(0);
    await legend.first().waitFor(PATIENT);
    await page.reload();
    await expect.poll(() => region.inputValue(), PATIENT).toBe('eu-west');
    const explore = panel(page, 'Starts by device').locator('a.icon-button');
    expect(await explore.getAttribute('href')).toContain('eu-west');
    expect(errors).toEqual([]);
    await page.close();
  });

  test('is changed by keys and by dragging, saved with a version, and kept', async () => {
    await put('moved', [
      { title: 'One', query: RATE, at: [0, 0, 6, 5] },
      { title: 'Two', query: RATE, show: 'bars', at: [6, 0, 6, 5] },
    ]);
    const { page, errors } = await open('#/boards/moved');
    await page.locator('.board-tools button', { hasText: 'Change' }).click();
    await panel(page, 'One').locator('button[aria-label^="Move One"]').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    // It was pushed down by the one that grew.
    await page.locator('.board-panel[style*="--y: 7"] h3', { hasText: 'Two' }).waitFor();
    const box = await panel(page, 'Two').locator('h3').boundingBox();
    if (box === null) throw new Error('the panel is in view');
    await page.mouse.move(box.x + 40, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(30, 60, { steps: 6 });
    await page.mouse.up();
    await page.locator('.board-panel[style*="--y: 1"] h3', { hasText: 'Two' }).waitFor();
    const corner = await panel(page, 'Two').locator('.board-resize').boundingBox();
    if (corner === null) throw new Error('the panel can be resized');
    await page.mouse.move(corner.x + 9, corner.y + 9);
    await page.mouse.down();
    await page.mouse.move(corner.x + 9, corner.y + 9 + 112, { steps: 4 });
    await page.mouse.up();
    await page.locator('.board-tools button', { hasText: 'Save' }).click();
    await page.locator('.board-tools button', { hasText: 'Change' }).waitFor();
    const { board, version } = await boardOf('moved');
    expect(version).toBe(2);
    expect((board as { panels: object[] }).panels).toMatchObject([
      { title: 'One', at: { x: 0, y: 7, width: 7, height: 6 } },
      { title: 'Two', at: { x: 0, y: 0, width: 6, height: 7 }, show: 'bars' },
    ]);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('that somebody else saved meanwhile is not overwritten unseen', async () => {
    await put('shared', [{ title: 'One', query: RATE, at: [0, 0, 6, 5] }]);
    const { page } = await open('#/boards/shared');
    await page.locator('.board-tools button', { hasText: 'Change' }).click();
    await page.locator('.board-tools button', { hasText: 'Panel' }).click();
    const form = page.locator('dialog');
    await form.locator('input').fill('Mine');
    await form.locator('textarea').fill('select rate( from requests window 1s');
    await form.locator('.panel-mistakes .notice').first().waitFor();
    expect(await form.locator('.primary').isDisabled()).toBe(true);
    await form.locator('textarea').fill('select rate() as all_of_them from requests window 1s');
    await form.locator('.panel-mistakes:empty').waitFor({ state: 'attached' });
    await form.locator('.primary').click();
    await panel(page, 'Mine').locator('.chart-title').waitFor(PATIENT);
    await put('shared', [{ title: 'Theirs', query: RATE }]);
    await page.locator('.board-tools button', { hasText: 'Save' }).click();
    await page.locator('.notice', { hasText: 'Somebody saved this board meanwhile' }).waitFor();
    const titles = async (): Promise<string[]> => {
      const { board } = await boardOf('shared');
      return (board as { panels: { title: string }[] }).panels.map(({ title }) => title);
    };
    expect(await titles()).toEqual(['Theirs']);
    await page.locator('.board-tools button', { hasText: 'Save over it' }).click();
    await expect.poll(titles).toEqual(['One', 'Mine']);
    await page.close();
  });
});

test('a query of Explore becomes a panel of a new board', async () => {
  const hash = `#${new URLSearchParams({ q: RATE, run: '1' }).toString()}`;
  const { page, errors } = await open(hash);
  await page.locator('.chart canvas').first().waitFor(PATIENT);
  await page.locator('.query-actions button', { hasText: 'Panel' }).click();
  await page.locator('dialog input').first().fill('Requests by region');
  await page.locator('dialog input').nth(1).fill('On call');
  await page.locator('dialog .primary').click();
  await panel(page, 'Requests by region').locator('.chart canvas').waitFor(PATIENT);
  expect(page.url()).toContain('#/boards/on-call');
  expect(await boardOf('on-call')).toMatchObject({ version: 1, board: { title: 'On call' } });
  expect(errors).toEqual([]);
  await page.close();
});

test('an annotation is drawn over the charts of everybody', async () => {
  await put('noted', [{ title: 'One', query: RATE, at: [0, 0, 12, 8] }]);
  const { page, errors } = await open('#/boards/noted');
  const canvas = panel(page, 'One').locator('.chart canvas');
  await canvas.waitFor(PATIENT);
  /** Pixels in the very colour of notes. */
  const notes = (): Promise<number> =>
    canvas.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const token = getComputedStyle(document.documentElement).getPropertyValue('--calm').trim();
      const wanted = [1, 3, 5].map((at) => Number.parseInt(token.slice(at, at + 2), 16));
      const context = (element as HTMLCanvasElement).getContext('2d');
      const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] };
      let found = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (wanted.every((part, j) => Math.abs((data[i + j] ?? 0) - part) < 3)) found++;
      }
      return found;
    });
  expect(await notes()).toBe(0);
  await page.locator('.board-tools button', { hasText: 'Annotate' }).click();
  await page.locator('dialog input').first().fill('deploy web 1.4.2');
  await page.locator('dialog input').nth(1).fill('deploy service:web');
  await page.locator('dialog .primary').click();
  await expect.poll(notes, PATIENT).toBeGreaterThan(5);
  const { annotations } = (await engine.get('/api/v1/annotations?tag=service:web')) as {
    annotations: object[];
  };
  expect(annotations).toMatchObject([{ title: 'deploy web 1.4.2', author: 'local' }]);
  expect(errors).toEqual([]);
  await page.close();
});

test('a wall shows the board alone', async () => {
  const { page, errors } = await open('#/boards/squilla');
  await panel(page, 'Events a second').locator('.stat').waitFor(PATIENT);
  await page.keyboard.press('k');
  await expect.poll(() => page.url()).toContain('kiosk=1');
  await expect.poll(() => page.locator('.top').isVisible()).toBe(false);
  expect(await page.locator('.board-tools').isVisible()).toBe(false);
  await panel(page, 'Events a second').locator('.stat').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.top').isVisible()).toBe(true);
  expect(errors).toEqual([]);
  await page.close();
});

test('a phone has one column, in the order in which panels are read', async () => {
  const { page, errors } = await open('#/boards/requests', { width: 390, height: 844 });
  await panel(page, 'Requests a second').locator('.stat').waitFor(PATIENT);
  const boxes = await page
    .locator('.board-panel')
    .evaluateAll((panels) =>
      panels.map((one) => ({ x: one.getBoundingClientRect().x, y: one.getBoundingClientRect().y })),
    );
  expect(new Set(boxes.map(({ x }) => x)).size).toBe(1);
  expect(boxes.map(({ y }) => y)).toEqual(boxes.map(({ y }) => y).toSorted((a, b) => a - b));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(errors).toEqual([]);
  await page.close();
});

const HOSTILE = '<img src=x onerror="globalThis.hacked=1">';

test('hostile boards are text', async () => {
  const board = {
    ...{ name: 'evil', title: HOSTILE, description: HOSTILE },
    variables: [
      { name: 'v', label: HOSTILE, values: [HOSTILE], query: null, all: true, default: HOSTILE },
    ],
    panels: Array.from({ length: 3 }, (_, i) => ({
      ...{ title: `${HOSTILE}${'x'.repeat(10_000)}${i}`, description: HOSTILE, column: null },
      ...{ query: 'select count(*) from s window 1s group by a', show: 'auto', at: null },
    })),
  };
  const { page, errors, close } = await openPage(browser, {
    hash: '#/boards/evil',
    answers: {
      'v1/boards/evil': { board, text: '', origin: HOSTILE, version: 1, author: HOSTILE, atMs: 0 },
      'v1/annotations': { annotations: [{ title: HOSTILE, timeMs: Date.now(), endMs: null }] },
      'v1/alerts/history': { transitions: [] },
    },
  });
  await page.locator('.board-panel .chart canvas').first().waitFor();
  expect(await page.locator('.board-head h2').textContent()).toContain('<img');
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1440);
  expect(errors).toEqual([]);
  await close();
});

interface Axe {
  readonly run: () => Promise<AxeResults>;
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each(['#/boards', '#/boards/requests', '#/boards/requests?edit=1'])(
    'axe finds nothing serious at "%s"',
    async (hash) => {
      // axe is a script from outside the page, which the page's policy rightly refuses.
      const page = await browser.newPage({ colorScheme, bypassCSP: true });
      await page.goto(`${engine.url}/${hash}`);
      await page.locator('.board-card, .top-list li').first().waitFor(PATIENT);
      await page.evaluate(axe.source);
      const found = await page.evaluate(
        async () => (await (globalThis as unknown as { axe: Axe }).axe.run()).violations,
      );
      const serious = found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ''}`);
      expect(serious).toEqual([]);
      await page.close();
    },
  );
});
