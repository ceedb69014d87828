/**
 * Pictures of the running dashboard for the documents: wide and narrow, light and dark.
 *
 *   node scripts/screenshot.mjs http://127.0.0.1:7070/ [folder]
 *
 * The engine must run (`npm start`); pictures go to docs/images unless a folder is named.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { chromium } from 'playwright-core';

const SIZES = [
  { name: '1440', width: 1440, height: 900, scale: 1 },
  { name: '390', width: 390, height: 844, scale: 2 },
];
const SCHEMES = /** @type {const} */ (['light', 'dark']);

/** How long a chart grows before its picture is taken. */
const SETTLE_MS = Number(process.env['SETTLE_MS'] ?? 8_000);

const [url, folder = 'docs/images'] = process.argv.slice(2);
if (url === undefined) {
  process.stderr.write('usage: node scripts/screenshot.mjs URL [folder]\n');
  process.exit(2);
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
  for (const size of SIZES) {
    for (const colorScheme of SCHEMES) {
      await takePicture(size, colorScheme);
    }
  }
} finally {
  await browser.close();
}

/**
 * @param {{ name: string, width: number, height: number, scale: number }} size
 * @param {'light' | 'dark'} colorScheme
 */
async function takePicture(size, colorScheme) {
  const page = await browser.newPage({
    viewport: { width: size.width, height: size.height },
    deviceScaleFactor: size.scale,
    colorScheme,
  });
  await page.goto(url);
  await page.locator('.chart canvas, .table-card tbody tr').first().waitFor({ timeout: 20_000 });
  const stream = page.locator('.stream-row').first();
  if (await stream.isVisible()) await stream.click();
  await page.mouse.move(size.width - 5, size.height - 5);
  await page.waitForTimeout(SETTLE_MS);
  const path = join(folder, `explore-${size.name}-${colorScheme}.png`);
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
  await page.close();
}
