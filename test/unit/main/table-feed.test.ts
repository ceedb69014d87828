/** How long a source of a table is left in peace. */
import { expect, it } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { TableFeed } from '../../../src/main/table-feed.ts';
import type { TableSource } from '../../../src/store/table-source.ts';

const SOURCE: TableSource = {
  ...{ kind: 'url', location: 'https://x.test/a.csv?key=secret#x', format: null, key: null },
  ...{ refreshMs: 60_000, from: 'config', tokenFile: null },
};

/** Milliseconds until it is asked again. */
function waitOf(feed: TableFeed, nowMs: number): number {
  let waitMs = 0;
  while (!feed.isDue(nowMs + waitMs)) waitMs += 1;
  return waitMs;
}

it('is asked at once, then as often as was said', () => {
  const feed = new TableFeed(SOURCE);
  expect(feed.isDue(0)).toBe(true);
  feed.confirmed(null, 5_000);
  expect(waitOf(feed, 5_000)).toBe(60_000);
  feed.isBusy = true;
  expect(feed.isDue(1e9)).toBe(false);
});

it('waits twice as long after every failure, up to a bound, and not at all after a success', () => {
  const feed = new TableFeed(SOURCE);
  const waits = Array.from({ length: 12 }, () => {
    feed.failed('broken', null, { nowMs: 0, spread: 0 }, DEFAULTS);
    return waitOf(feed, 0);
  });
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(waits.at(-1)).toBe(DEFAULTS.tableBackoffMsMax);
  feed.confirmed(null, 0);
  feed.failed('broken', null, { nowMs: 0, spread: 1 }, DEFAULTS);
  expect(waitOf(feed, 0)).toBe(1_250);
});

it('waits as long as it is asked to, within the bound', () => {
  const feed = new TableFeed(SOURCE);
  feed.failed('busy', 30_000, { nowMs: 0, spread: 0 }, DEFAULTS);
  expect(waitOf(feed, 0)).toBe(30_000);
  feed.failed('busy', 1e12, { nowMs: 0, spread: 0 }, DEFAULTS);
  expect(waitOf(feed, 0)).toBe(DEFAULTS.tableBackoffMsMax);
});

it('shows no more of an address than anybody may see', () => {
  expect(new TableFeed(SOURCE).view().location).toBe('https://x.test/a.csv?…');
});
