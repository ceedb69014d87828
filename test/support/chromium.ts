/**
 * Starts the machine's Chromium for tests, with a profile of its own and nothing that reaches for
 * the network. The caller closes it.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const EXECUTABLES: readonly string[] = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

const ARGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium is, or null; install it with `apt install chromium`. */
export function chromiumPath(): string | null {
  return EXECUTABLES.find((path) => existsSync(path)) ?? null;
}

/** Playwright gives each launch a fresh user data directory and removes it on close. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('no Chromium here: apt install chromium');
  return chromium.launch({ executablePath, args: [...ARGS], headless: true });
}
