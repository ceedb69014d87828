/**
 * Pictures of every screen of the running dashboard for the documents: wide and narrow, light and
 * dark.
 *
 *   node scripts/screenshot.mjs http://127.0.0.1:7070/ [folder [screen…]]
 *
 * The engine must run (`npm start`); pictures go to docs/images unless a folder is named. An engine
 * with the demo is put through an outage and dead agents first, so that the pictures tell
 * something; pictures of alerts are taken during a second outage.
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

/** A question whose answer is a heat map. */
const HEAT = `#${new URLSearchParams({
  q: 'select histogram(latency) as latency from plays window 1s',
  run: '1',
})}`;

/** Every screen, with what shows that it stands. */
const SCREENS = [
  { name: 'explore', hash: '', ready: '.chart canvas, .table-card tbody tr' },
  { name: 'tour', hash: '', ready: '.tour, .empty' },
  { name: 'differs', hash: '', ready: '.chart canvas' },
  { name: 'explain', hash: '', ready: '.chart canvas' },
  { name: 'heat-map', hash: HEAT, ready: '.heat canvas' },
  { name: 'tail', hash: '#/tail?from=requests', ready: '.tail-row:not(.tail-head)' },
  { name: 'boards', hash: '#/boards', ready: '.board-card' },
  { name: 'board', hash: '#/boards/playback', ready: '.board-panel .chart canvas' },
  { name: 'alerts', hash: '#/alerts', ready: '.firing-alert, .empty' },
  { name: 'rules', hash: '#/alerts/rules', ready: '.list tbody tr, .empty' },
  { name: 'rule', hash: '#/alerts/rules/demo-plays-drop', ready: '.why-windows li, .empty' },
  { name: 'rule-editor', hash: '#/alerts/new', ready: '.preview .timeline' },
  { name: 'silences', hash: '#/alerts/silences', ready: '.list tbody tr, .empty' },
  { name: 'fleet', hash: '#/fleet', ready: '.list tbody tr, .empty' },
  { name: 'queries', hash: '#/fleet/queries', ready: '.list tbody tr, .empty' },
  { name: 'tables', hash: '#/fleet/tables', ready: '.list tbody tr, .empty' },
  { name: 'ledger', hash: '#/fleet/ledger', ready: '.flow' },
];

/** How long a page is left alone before its picture is taken. */
const SETTLE_MS = Number(process.env['SETTLE_MS'] ?? 4_000);

/**
 * What the demo goes through while a screen's picture is taken; others show an outage.
 * @type {Readonly<Record<string, 'calm' | 'tv-outage'>>}
 */
const DURING = {
  explore: 'calm',
  tour: 'calm',
  explain: 'calm',
  'heat-map': 'calm',
  differs: 'tv-outage',
};

/** How long values are counted before they are compared. */
const COUNTING_MS = 10_000;

/** How long the demo is well, and how long an incident lasts. */
const CALM_MS = 12_000;
const INCIDENT_MS = 9_000;
const REGION = 'eu-west';

const [url, folder = 'docs/images', ...wanted] = process.argv.slice(2);
const screens = SCREENS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
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
  const watched = await browser.newPage();
  await watched.goto(url);
  const isDemo = (await (await fetch(new URL('api/v1/status', url))).json()).demo === true;
  if (isDemo) await causeIncidents(watched);
  for (const screen of screensDuring('calm')) await takePictures(screen);
  if (isDemo && screensDuring('tv-outage').length > 0) {
    await post('demo/break', { region: REGION, kind: 'tv-outage' });
    for (const screen of screensDuring('tv-outage')) await takePictures(screen);
    await post('demo/heal', {});
  }
  if (isDemo && screensDuring('outage').length > 0) {
    await post('demo/break', { region: REGION, kind: 'outage' });
    await post('silences', {
      matchers: ['alertname = "demo-request-errors"', `region = "${REGION}"`],
      for: '2h',
      comment: 'a known bad deployment, being rolled back',
      author: 'ana',
    });
    await watched.waitForTimeout(INCIDENT_MS);
  }
  for (const screen of screensDuring('outage')) await takePictures(screen);
  if (isDemo) await post('demo/heal', {});
} finally {
  await browser.close();
}

/** @param {'calm' | 'tv-outage' | 'outage'} incident */
function screensDuring(incident) {
  return screens.filter(({ name }) => (DURING[name] ?? 'outage') === incident);
}

/** @param {(typeof SCREENS)[number]} screen */
async function takePictures(screen) {
  for (const size of SIZES) {
    for (const colorScheme of SCHEMES) await takePicture(screen, size, colorScheme);
  }
}

/**
 * The page keeps the query running, so that pages opened later show what happened meanwhile.
 * @param {import('playwright-core').Page} page
 */
async function causeIncidents(page) {
  for (const kind of ['outage', 'agents-die']) {
    await page.waitForTimeout(CALM_MS);
    await post('demo/break', { region: REGION, kind });
    await page.waitForTimeout(INCIDENT_MS);
    await post('demo/heal', {});
  }
  await page.waitForTimeout(CALM_MS);
}

/** @param {string} path @param {object} body */
async function post(path, body) {
  const response = await fetch(new URL(`api/v1/${path}`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/**
 * @param {(typeof SCREENS)[number]} screen
 * @param {(typeof SIZES)[number]} size
 * @param {'light' | 'dark'} colorScheme
 */
async function takePicture(screen, size, colorScheme) {
  const page = await browser.newPage({
    viewport: { width: size.width, height: size.height },
    deviceScaleFactor: size.scale,
    colorScheme,
  });
  // Who was here before is not greeted by the tour.
  if (screen.name !== 'tour') {
    await page.addInitScript("localStorage.setItem('squilla.tour', 'seen')");
  }
  await page.goto(new URL(screen.hash, url).href);
  await page.locator(screen.ready).first().waitFor({ timeout: 20_000 });
  if (screen.name === 'explore') await openStream(page);
  if (screen.name === 'explain') await press(page, 'Explain', '.stage');
  if (screen.name === 'differs') {
    await press(page, 'Build', '.builder');
    await press(page, 'Differs', '.differs');
    await page.waitForTimeout(COUNTING_MS);
    await chooseRegion(page);
  }
  if (screen.name === 'tail') await openEvent(page, size);
  await page.mouse.move(size.width - 5, size.height - 5);
  await page.waitForTimeout(SETTLE_MS);
  const path = join(folder, `${screen.name}-${size.name}-${colorScheme}.png`);
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
  await page.close();
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} label
 * @param {string} shows
 */
async function press(page, label, shows) {
  await page.locator('.query-actions button', { hasText: label }).click();
  await page.locator(shows).first().waitFor({ timeout: 20_000 });
}

/**
 * A region against the others says something at once.
 * @param {import('playwright-core').Page} page
 */
async function chooseRegion(page) {
  await page.locator('.differs-subject select').selectOption({ label: REGION });
  await page.locator('.differs-span button', { hasText: 'the other groups' }).click();
}

/**
 * @param {import('playwright-core').Page} page
 * @param {(typeof SIZES)[number]} size
 */
async function openEvent(page, { width }) {
  await page.waitForTimeout(SETTLE_MS);
  if (width > 1_000) await page.locator('.tail-row').nth(6).click();
}

/** @param {import('playwright-core').Page} page */
async function openStream(page) {
  const plays = page.locator('.stream-row', { hasText: 'plays' });
  const stream = (await plays.count()) > 0 ? plays : page.locator('.stream-row');
  if (await stream.first().isVisible()) await stream.first().click();
}
