/**
 * One browser for the tests of a file and one page for each test, which must end without errors.
 */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { openPage } from './page.ts';
import type { Opened, OpenOptions } from './page.ts';

export interface OnePage {
  readonly browser: () => Browser;
  /** Opens the test's page; it is closed when the test is over. */
  readonly open: (options?: OpenOptions) => Promise<Opened>;
  /** What was opened last. @throws if nothing was */
  readonly opened: () => Opened;
}

/** Call it once, at the top of a file. */
export function onePage(): OnePage {
  let browser: Browser | null = null;
  let opened: Opened | null = null;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  afterEach(async () => {
    const errors = opened?.errors ?? [];
    await opened?.close();
    opened = null;
    expect(errors).toEqual([]);
  });

  const running = (): Browser => {
    if (browser === null) throw new Error('the browser is started before the tests');
    return browser;
  };
  return {
    browser: running,
    open: async (options = {}) => {
      opened = await openPage(running(), options);
      return opened;
    },
    opened: () => {
      if (opened === null) throw new Error('no page was opened');
      return opened;
    },
  };
}
