/**
 * What a busy board costs the page. Figures are of the page's own processor time and heap, and the
 * windows come when the page has drawn the ones before, so that a busy machine changes nothing.
 */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { busyBoard, BusyFeed } from './support/busy-board.ts';
import type { BusyBoardOptions } from './support/busy-board.ts';
import { openPage } from './support/page.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

/** Twenty panels of 5,400 points each: six lines of 900 windows. */
const BUSY: BusyBoardOptions = { panels: 20, groups: 6, history: 900, windowMs: 100 };

/** Processor time of a core whose other half and caches others use, at worst. */
const CROWDED = 2;

/** One of sixty frames a second. */
const FRAME_MS = 1_000 / 60;

const NEXT_FRAME = `new Promise((resolve) => requestAnimationFrame(() => resolve(null)))`;

interface Busy {
  readonly page: Page;
  readonly feed: BusyFeed;
  readonly cdp: CDPSession;
  readonly close: () => Promise<void>;
}

async function openBusy(options: BusyBoardOptions, prepare = ''): Promise<Busy> {
  const feed = new BusyFeed(options, Date.now());
  const detail = { text: '', origin: 'api', version: 1, author: '', atMs: 0 };
  const { page, errors, close } = await openPage(browser, {
    ...{ height: 1_400, hash: '#/boards/busy?span=900', script: feed.script },
    answers: {
      'v1/boards/busy': { board: busyBoard(options), ...detail },
      'v1/annotations': { annotations: [] },
      'v1/alerts/history': { transitions: [] },
    },
  });
  await page
    .locator('.board-panel', {
      has: page.locator('.chart canvas, .heat canvas, .stat, .top-list li, tbody tr'),
    })
    .nth(options.panels - 1)
    .waitFor({ timeout: 60_000 });
  if (prepare !== '') await page.evaluate(prepare);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return {
    ...{ page, feed, cdp },
    close: async () => {
      expect(errors).toEqual([]);
      await close();
    },
  };
}

/** By name: seconds of the main thread's processor time, bytes. */
async function metricsOf(cdp: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return new Map(metrics.map(({ name, value }) => [name, value]));
}

/** Megabytes of live objects. */
async function heapOf(cdp: CDPSession): Promise<number> {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  return ((await metricsOf(cdp)).get('JSHeapUsedSize') ?? 0) / 1e6;
}

/** The last panel has the newest window and a frame has passed: everything is drawn. */
async function drawn(page: Page, feed: BusyFeed): Promise<void> {
  await page.waitForFunction(
    (end) => (globalThis as { newestWindow?: number }).newestWindow === end,
    feed.newestEndMs,
    { polling: 'raf' },
  );
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}

/** Tells the test which window the page has heard of last, from beside the page's own listener. */
const LISTEN = `
  const real = JSON.parse;
  JSON.parse = (...args) => {
    const value = real(...args);
    if (value?.type === 'rows') globalThis.newestWindow = value.windowEnd;
    return value;
  };
`;

describe('twenty panels with 5,400 points each', { timeout: 120_000 }, () => {
  test('are drawn once a window, in bounded processor time, and the heap is flat', async () => {
    const { page, feed, cdp, close } = await openBusy(BUSY, LISTEN + COUNT);
    const ticks = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        feed.tick();
        await drawn(page, feed);
      }
    };
    await ticks(10);
    const heapBefore = await heapOf(cdp);
    const drawsBefore = await drawsOf(page);
    const before = await metricsOf(cdp);
    const count = 40;
    await ticks(count);
    const after = await metricsOf(cdp);
    const busyMs = ((after.get('TaskDuration') ?? 0) - (before.get('TaskDuration') ?? 0)) * 1_000;
    const heapAfter = await heapOf(cdp);
    // A tenth of a second has one window of every panel: milliseconds are percents of a core.
    const perTickMs = busyMs / count;
    console.log(
      `main thread: ${perTickMs.toFixed(1)} ms of processor time for ${BUSY.panels} panels, ` +
        `${perTickMs.toFixed(0)} % of a core at 10 Hz; heap ${heapBefore.toFixed(1)} → ` +
        `${heapAfter.toFixed(1)} MB`,
    );
    expect(perTickMs).toBeLessThan(CROWDED * 30);
    // A second in which nothing came moves a chart on, too.
    expect((await drawsOf(page)) - drawsBefore).toBeLessThanOrEqual(BUSY.panels * count * 1.2);
    expect(heapAfter).toBeLessThan(heapBefore * 1.1);
    await close();
  });

  test('answer the pointer within a frame while windows come', async () => {
    const { page, feed, cdp, close } = await openBusy(BUSY, LISTEN + COUNT);
    const box = await page.locator('.board-panel .u-over').first().boundingBox();
    if (box === null) throw new Error('there is no chart');
    /**
     * So many moves over a chart, each with the frame that answers it; ms of processor time each.
     */
    const hover = async (moves: number, everyMove: () => void): Promise<number> => {
      const before = (await metricsOf(cdp)).get('TaskDuration') ?? 0;
      for (let i = 0; i < moves; i++) {
        everyMove();
        await page.mouse.move(box.x + ((i * 7) % box.width), box.y + box.height / 2);
        await page.evaluate(NEXT_FRAME);
      }
      return ((((await metricsOf(cdp)).get('TaskDuration') ?? 0) - before) * 1_000) / moves;
    };
    await hover(20, () => feed.tick());
    const drawsBefore = await drawsOf(page);
    const beganMs = await page.evaluate(() => performance.now());
    const still = await hover(60, () => undefined);
    const seconds = ((await page.evaluate(() => performance.now())) - beganMs) / 1_000;
    // The pointer draws no chart anew; a second in which nothing came does, and what was on its
    // way.
    expect((await drawsOf(page)) - drawsBefore).toBeLessThanOrEqual(
      BUSY.panels * (2 + Math.ceil(seconds)),
    );
    let moves = 0;
    // Ten windows a second are one in six frames.
    const live = await hover(60, () => {
      if (moves++ % 6 === 0) feed.tick();
    });
    console.log(
      `a move of the pointer over ${BUSY.panels} panels: ${still.toFixed(1)} ms of processor time ` +
        `while nothing comes, ${live.toFixed(1)} ms with ten windows a second of each`,
    );
    // All charts show their values of that time.
    expect(await page.locator('.chart-time:not(:empty)').count()).toBe(BUSY.panels);
    expect(still).toBeLessThan(CROWDED * 2 * FRAME_MS);
    expect(live).toBeLessThan(CROWDED * 2 * FRAME_MS);
    await close();
  });

  test('are drawn once a second at most while the page is hidden', async () => {
    const { page, feed, close } = await openBusy({ ...BUSY, panels: 4 }, LISTEN + COUNT + HIDE);
    const began = await page.evaluate(() => performance.now());
    for (let i = 0; i < 60; i++) {
      feed.tick();
      await page.waitForFunction(
        (end) => (globalThis as { newestWindow?: number }).newestWindow === end,
        feed.newestEndMs,
        { polling: 5 },
      );
    }
    const draws = await drawsOf(page);
    const ms = (await page.evaluate(() => performance.now())) - began;
    // Each panel's frame that was asked for before it was hidden, and one for each second begun.
    expect(draws).toBeLessThanOrEqual(4 * (2 + Math.ceil(ms / 1_000)));
    await close();
  });
});

/** How often a chart was drawn since it was counted. */
async function drawsOf(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { clears: number }).clears);
}

const COUNT = `
  globalThis.clears = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...args) {
    globalThis.clears++;
    return clear.apply(this, args);
  };
`;

const HIDE = `
  Object.defineProperty(document, 'hidden', { get: () => true });
  document.dispatchEvent(new Event('visibilitychange'));
`;

/** Windows of ten seconds, as fast as they come: 8,640 of each panel are a day. */
const WALL = { groups: 6, history: 900, windowMs: 10_000 };

/** An hour of a wall display, with so many pictures of it. */
async function hour({ page, feed }: Busy, pictures: number): Promise<void> {
  for (let i = 0; i < pictures; i++) {
    for (let j = 0; j < 360 / pictures; j++) feed.tick();
    await drawn(page, feed);
  }
}

test('a wall display has no more heap after a day than after its first hour', async () => {
  const busy = await openBusy({ ...WALL, panels: 4 }, LISTEN);
  // What the browser compiles while a page is young is no part of what it keeps.
  await hour(busy, 60);
  const first = await heapOf(busy.cdp);
  for (let i = 1; i < 24; i++) await hour(busy, 1);
  const last = await heapOf(busy.cdp);
  console.log(`heap after an hour ${first.toFixed(1)} MB, after a day ${last.toFixed(1)} MB`);
  expect(last).toBeLessThan(first * 1.1);
  await busy.close();
}, 180_000);

test('whatever it shows, a wall display has no more heap after two days than after one', async () => {
  const shows = ['lines', 'stat', 'bars', 'table', 'heat'];
  const busy = await openBusy({ ...WALL, panels: shows.length, shows }, LISTEN);
  await hour(busy, 30);
  for (let i = 1; i < 24; i++) await hour(busy, 1);
  const day = await heapOf(busy.cdp);
  for (let i = 0; i < 24; i++) await hour(busy, 1);
  const days = await heapOf(busy.cdp);
  console.log(`heap of all displays after a day ${day.toFixed(1)} MB, two ${days.toFixed(1)} MB`);
  expect(days).toBeLessThan(day * 1.1);
  await busy.close();
}, 180_000);
