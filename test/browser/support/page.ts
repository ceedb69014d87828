/** A page on a fake engine, with every error of the browser kept for the test to look at. */
import type { Browser, Page } from 'playwright-core';
import { builtDashboard } from './built-dashboard.ts';
import { FakeEngine } from './fake-engine.ts';
import type { FakeEngineOptions } from './fake-engine.ts';
import { STREAMS, world } from './results.ts';

export interface Opened {
  readonly page: Page;
  readonly engine: FakeEngine;
  /** Errors and policy violations the browser reported. */
  readonly errors: string[];
  readonly close: () => Promise<void>;
}

export interface OpenOptions extends Partial<FakeEngineOptions> {
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** As a browser that was never here, which the demo greets with its tour. */
  readonly isFirstVisit?: boolean;
}

/** One second of the fake world passes in this many milliseconds. */
export const FAST_MS = 120;

export async function openPage(browser: Browser, options: OpenOptions = {}): Promise<Opened> {
  const { hash = '', width, height, colorScheme, ...engineOptions } = options;
  const engine = await FakeEngine.start({
    files: await builtDashboard(),
    streams: STREAMS,
    script: world({ history: 60, incidents: false, everyMs: FAST_MS }),
    ...engineOptions,
  });
  const { page, errors } = await openAddress(browser, engine.url + hash, {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(colorScheme !== undefined && { colorScheme }),
  });
  return {
    page,
    engine,
    errors,
    close: async () => {
      await page.close();
      await engine.stop();
    },
  };
}

export type View = Pick<OpenOptions, 'width' | 'height' | 'colorScheme' | 'isFirstVisit'>;

/** A page at an address; `prepare` runs before the page loads. */
export async function openAddress(
  browser: Browser,
  url: string,
  { width = 1440, height = 900, colorScheme = 'light', isFirstVisit = false }: View = {},
  prepare?: (page: Page) => void,
): Promise<{ readonly page: Page; readonly errors: string[] }> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A dropped link and a refused token are logged by the browser itself; tests cause both.
    const text = message.text();
    if (message.type() === 'error' && !/WebSocket|Failed to load|ERR_/.test(text))
      errors.push(text);
  });
  if (!isFirstVisit) {
    await page.addInitScript(() => localStorage.setItem('squilla.tour', 'seen'));
  }
  prepare?.(page);
  await page.goto(url);
  return { page, errors };
}

/** The editor's text, replaced as a person would: all selected and typed over. */
export async function typeQuery(page: Page, text: string): Promise<void> {
  const content = page.locator('.cm-content');
  await content.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}
