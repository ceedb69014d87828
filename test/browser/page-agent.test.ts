/**
 * The agent of pages in a real browser, against a real engine: what it tells, and what its token,
 * which everybody can read, does not open.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { readEvents, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

const BUNDLE = readFileSync(
  join(import.meta.dirname, '../../dist/browser/squilla-browser.js'),
  'utf8',
);
const GZIP_BYTES_MAX = 15 * 1_024;
const TOKEN = 'a-token-of-pages-0123456789';

/** What docs/agents.md shows, to be run as it stands but for the address and the token. */
const DOCS = readFileSync(join(import.meta.dirname, '../../docs/agents.md'), 'utf8');
const [, SHOWN = ''] = /^## A page in a browser\n\n```js\n([\s\S]*?)^```$/m.exec(DOCS) ?? [];

/** A page that jumps once, and has a button that is slow to react and throws. */
const HTML = `<!doctype html><html><body>
<h1 id="title">A shop</h1><p style="height:300px">Much to buy.</p><button>Buy</button>
<script type="module">
  import { observePage } from './squilla-browser.js';
  const settings = new URLSearchParams(location.hash.slice(1));
  const token = settings.get('token') ?? undefined;
  const streams = ['web.orders', 'payments'].filter((name) => settings.has(name));
  window.agent = observePage({ url: settings.get('url'), token, service: 'shop', streams });
  document.querySelector('button').addEventListener('click', () => {
    const untilMs = performance.now() + 60;
    while (performance.now() < untilMs);
    document.querySelector('h1').style.marginTop = '200px';
    throw new RangeError('sold out');
  });
  // After the first paint: what moves before it is no jump.
  const jump = () => { document.querySelector('h1').style.paddingTop = '150px'; };
  requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(jump)));
</script></body></html>`;

let browser: Browser;
let engine: EngineProcess;
let shop: Server;
let foreign: Server;
const open: { close: () => unknown }[] = [];

beforeAll(async () => {
  [browser, shop, foreign] = await Promise.all([launchChromium(), serving(), serving()]);
  const streams = '[web.vitals, web.errors, web.orders]';
  const yaml = [
    `pageOrigins: ['${originOf(shop)}']`,
    `tokens:`,
    `  - { name: pages, token: ${TOKEN}, scopes: [ingest], streams: ${streams} }\n`,
  ].join('\n');
  engine = await startEngine({ yaml, settings: { lingerMs: 0 } });
}, 45_000);

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

afterAll(async () => {
  await browser.close();
  for (const server of [shop, foreign]) {
    server.closeAllConnections();
    server.close();
  }
  await endAll();
});

function docsPage(): string {
  const script = SHOWN.replace('squilla/agent/browser', './squilla-browser.js')
    .replace('wss://telemetry.shop.example', engine.ingestUrl)
    .replace('TOKEN_OF_PAGES', TOKEN);
  return `<!doctype html><body>As shown.<script type="module">${script}</script></body>`;
}

async function serving(): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/squilla-browser.js';
    if (request.url?.startsWith('/missing') === true) response.statusCode = 404;
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? BUNDLE : request.url === '/docs' ? docsPage() : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function reading(query: string): Promise<ResultReader> {
  const reader = await readEvents(engine.url, query);
  open.push(reader);
  return reader;
}

function rowsOf(reader: ResultReader): Record<string, unknown>[] {
  return windowsOf(reader).flatMap(({ rows }) => rows as Record<string, unknown>[]);
}

/** The page, its agent running, as it is opened by somebody. */
async function visit(
  server: Server,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly page: Page; readonly frames: string[]; readonly closed: () => boolean }> {
  const page = await browser.newPage();
  open.push(page);
  const frames: string[] = [];
  let isClosed = false;
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.push(payload.toString()));
    socket.on('close', () => (isClosed = true));
  });
  const hash = new URLSearchParams({ url: engine.ingestUrl, token: TOKEN, ...settings });
  await page.goto(`${originOf(server)}/cart?secret=1#${hash.toString()}`);
  return { page, frames, closed: () => isClosed };
}

/** Another tab is looked at: what was said last of a page is said now. */
async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

test(`the agent of pages has at most ${GZIP_BYTES_MAX / 1_024} KB`, () => {
  expect(gzipSync(BUNDLE).length).toBeLessThanOrEqual(GZIP_BYTES_MAX);
});

describe('a page', () => {
  test('tells its web vitals, each once', async () => {
    const reader = await reading('select * from web.vitals');
    const { page } = await visit(shop);
    await page.waitForFunction(() => document.querySelector('h1')?.style.paddingTop === '150px');
    await page.click('button');
    await page.waitForFunction(() => document.querySelector('h1')?.style.marginTop === '200px');
    // A browser tells of an interaction some time after the frame that shows what came of it.
    await until(async () => {
      await hide(page);
      return rowsOf(reader).length === 5;
    }, 'five metrics');
    const byName = new Map(rowsOf(reader).map((row) => [row['name'], row]));
    expect(new Set(byName.keys())).toEqual(new Set(['CLS', 'FCP', 'INP', 'LCP', 'TTFB']));
    for (const row of byName.values()) {
      expect(row).toMatchObject({ service: 'shop', path: '/cart' });
      expect(row['rating']).toMatch(/^(?:good|needs-improvement|poor)$/);
      expect(row['value']).toBeGreaterThan(0);
    }
    expect(byName.get('INP')?.['value']).toBeGreaterThanOrEqual(56);
  });

  test('tells errors that nobody caught and what did not load', async () => {
    const reader = await reading('select * from web.errors');
    const { page } = await visit(shop);
    await page.click('button');
    await page.evaluate(() => void Promise.reject(new TypeError('no cart')));
    await page.evaluate(() => {
      const image = document.createElement('img');
      image.src = '/missing.png?secret=1';
      document.body.append(image);
    });
    await until(() => rowsOf(reader).length >= 3, 'three errors');
    const rows = rowsOf(reader);
    const find = (kind: string): object => rows.find((row) => row['kind'] === kind) ?? {};
    expect(find('error')).toMatchObject({ name: 'RangeError', message: 'sold out', path: '/cart' });
    expect(find('unhandledrejection')).toMatchObject({ name: 'TypeError', message: 'no cart' });
    expect(find('resource')).toMatchObject({ name: 'img', source: '/missing.png' });
    expect(JSON.stringify(rows)).not.toContain('secret=1');
  });

  test('sends nothing while nobody asks, and its own events when somebody does', async () => {
    const { page, frames } = await visit(shop, { 'web.orders': '1' });
    await until(() => frames.length === 2, 'it has named its streams');
    const publish = async (n: number): Promise<unknown> =>
      page.evaluate((value) => {
        const { agent } = globalThis as never as {
          agent: { publish: (s: string, e: object) => boolean };
        };
        return agent.publish('web.orders', { n: value });
      }, n);
    await until(async () => (await publish(0)) === false, 'it has heard that nobody asks');
    await hide(page);
    expect(frames.map((frame) => Object.keys(JSON.parse(frame) as object))).toEqual([
      ['token'],
      ['watch'],
    ]);
    const reader = await reading('select n from web.orders');
    await until(async () => publish(7), 'it has heard that somebody asks');
    await hide(page);
    await until(() => rowsOf(reader).length > 0, 'its event');
    expect(rowsOf(reader)[0]).toEqual({ n: 7 });
  });
});

test('the lines of docs/agents.md make a page tell of itself', async () => {
  expect(SHOWN).toContain('observePage({');
  const reader = await reading('select name, service, path from web.vitals');
  const page = await browser.newPage();
  open.push(page);
  await page.goto(`${originOf(shop)}/docs`);
  await until(() => rowsOf(reader).length > 0, 'a metric');
  expect(rowsOf(reader)[0]).toMatchObject({ service: 'shop', path: '/docs' });
});

describe('the token of a page', () => {
  test('opens only its streams, and only to write', async () => {
    const reader = await reading('select * from payments');
    const { page, frames } = await visit(shop, { payments: '1' });
    await until(() => frames.length >= 2, 'it has named its streams');
    await hide(page);
    for (const path of [
      '/api/v1/streams',
      '/api/v1/status',
      '/api/v1/query/live?q=select+*+from+plays',
    ]) {
      const response = await fetch(engine.url + path, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      expect([path, response.status]).toEqual([path, 403]);
      await response.body?.cancel();
    }
    expect(rowsOf(reader)).toEqual([]);
  });

  test('that is wrong ends the connection, for good', async () => {
    const { closed, page } = await visit(shop, { token: 'not-a-token-0123456789' });
    await until(closed, 'it is sent away');
    const sent = await page.evaluate(() => {
      const { agent } = globalThis as never as {
        agent: { publish: (s: string, e: object) => boolean };
      };
      return agent.publish('web.vitals', {});
    });
    expect(sent).toBe(false);
  });

  test('helps no page of another origin', async () => {
    const reader = await reading('select * from web.errors');
    const { page, frames, closed } = await visit(foreign);
    await until(closed, 'it is refused');
    await page.click('button');
    await hide(page);
    expect(frames).toEqual([]);
    expect(rowsOf(reader)).toEqual([]);
  });
});
