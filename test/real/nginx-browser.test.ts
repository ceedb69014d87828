/**
 * The last part of the way on real telemetry: nginx under wrk, its access log tailed, and the
 * answer read off the page in a real Chromium, as a person would.
 */
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { openAddress } from '../browser/support/page.ts';
import { finalRows, recordLiveFrames } from '../browser/support/live-frames.ts';
import { launchChromium } from '../support/chromium.ts';
import { endAll, start, startEngine, until } from '../support/engine-process.ts';
import { linesOf, startNginx, startTail } from '../support/nginx.ts';
import { describeReal } from '../support/real.ts';
import { total } from '../support/result-reader.ts';

const QUERY =
  'select rate() as rps, p99(request_time), count(*) as n from nginx window 1s group by status';
const HASH = `#${new URLSearchParams({ q: QUERY, run: '1' }).toString()}`;

afterEach(endAll);

/** The cells of the table's row for a status; null while there is none. */
async function cellsOf(page: Page, status: number): Promise<readonly string[] | null> {
  const rows = await page.locator('.table-card tbody tr').allInnerTexts();
  const cells = rows.map((text) => text.split(/\s+/).filter((cell) => cell !== ''));
  return cells.find(([first]) => first === String(status)) ?? null;
}

describeReal('nginx on the page', ['nginx', 'wrk', 'chromium'], (programs) => {
  test('shows status 200 in the table with what nginx logged', async () => {
    const nginx = await startNginx(programs.nginx);
    const engine = await startEngine({ settings: { closeWaitMs: 20_000, leaseMs: 20_000 } });
    await startTail(engine, nginx.log);
    const browser = await launchChromium();
    try {
      let frames = { results: [], opened: () => 0 } as ReturnType<typeof recordLiveFrames>;
      const { page, errors } = await openAddress(
        browser,
        `${engine.url}/${HASH}`,
        {},
        (opening) => {
          frames = recordLiveFrames(opening);
        },
      );
      await page.locator('.verdict').waitFor();
      await until(() => finalRows(frames).length > 1, 'windows flow', 20_000);

      const load = ['-t', '1', '-c', '4', '-d', '3s', `${nginx.url}/`];
      const wrk = start(programs.wrk, load);
      const shown = await until(() => busyRowOf(page), 'the table shows the load', 30_000);
      expect(await wrk.exited).toBe(0);

      const lines = linesOf(nginx.log);
      const counted = (): number => total(finalRows(frames), 'n');
      await until(() => counted() >= lines, `${lines} requests reach the page`, 20_000);
      expect(counted()).toBe(lines);
      const found = finalRows(frames)
        .flatMap(({ rows }) => rows)
        .filter(({ status }) => status === 200);
      expect(found.map(({ n }) => n)).toContain(shown.n);
      expect(shown.n).toBeLessThanOrEqual(lines);
      expect(shown.rps).toBe(shown.n);
      expect(shown.p99).toBeGreaterThanOrEqual(0);
      expect(shown.p99).toBeLessThan(3);
      expect(await page.locator('.chart canvas').count()).toBe(3);
      expect(await page.locator('.legend-item', { hasText: '200' }).count()).toBe(3);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

interface Shown {
  readonly rps: number;
  readonly p99: number;
  readonly n: number;
}

/** What the table says of status 200, once that is more than a trickle. */
async function busyRowOf(page: Page): Promise<Shown | null> {
  const cells = await cellsOf(page, 200);
  const [, rps = Number.NaN, p99 = Number.NaN, n = Number.NaN] = (cells ?? []).map((cell) =>
    Number(cell.replaceAll(',', '')),
  );
  return n > 100 ? { rps, p99, n } : null;
}
