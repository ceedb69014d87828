/** Wires the page: address, session, connection, catalogue, state; draws it into `#app`. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { browserApi, browserConnectionHost, browserNow } from './browser-host.ts';
import { Catalogue } from './catalogue.ts';
import { Connection } from './connection.ts';
import { examplesFor } from './examples.ts';
import { Explore } from './explore.ts';
import { hashFrom, hashWithoutToken, pageStateFrom, tokenFrom } from './page-address.ts';
import type { PageState } from './page-address.ts';
import { startTheme } from './theme.ts';

/** Charts move on this often while nothing comes. */
const TICK_MS = 1_000;

/** Browsers limit how often an address may change; typing changes it with every key. */
const ADDRESS_DEBOUNCE_MS = 250;

/** A hidden page has no frames; its data still must not pile up. */
const HIDDEN_FRAME_MS = 1_000;

async function start(): Promise<void> {
  startTheme();
  await takeToken();
  const connection = new Connection(browserConnectionHost());
  const catalogue = new Catalogue(browserApi);
  const state = pageStateFrom(location.hash);
  const explore = new Explore(state, {
    api: browserApi,
    connection,
    scheduleFrame,
    now: browserNow,
  });
  connection.start();
  catalogue.start(() => document.hidden);
  followAddress(explore);
  runAtStart(state, explore, catalogue);
  setInterval(() => explore.tick(), TICK_MS);
  const openSession = async (token: string): Promise<boolean> => {
    const known = await exchangeToken(token);
    if (known) {
      connection.restart();
      await catalogue.refresh();
      if (explore.running.peek()?.live === false) explore.run();
    }
    return known;
  };
  const root = document.getElementById('app');
  if (root === null) return;
  render(<App {...{ explore, catalogue, connection, openSession }} api={browserApi} />, root);
}

/** A login link's token becomes a cookie and leaves the address before anything else happens. */
async function takeToken(): Promise<void> {
  const token = tokenFrom(location.hash);
  if (token === null) return;
  history.replaceState(null, '', location.pathname + hashWithoutToken(location.hash));
  await exchangeToken(token);
}

async function exchangeToken(token: string): Promise<boolean> {
  const { status } = await browserApi('POST', 'session', { token });
  return status >= 200 && status < 300;
}

function followAddress(explore: Explore): void {
  effect(() => {
    const hash = hashFrom(explore.pageState());
    const timer = setTimeout(() => {
      if (hash !== location.hash) history.replaceState(null, '', location.pathname + hash);
    }, ADDRESS_DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });
  addEventListener('hashchange', () => {
    const state = pageStateFrom(location.hash);
    explore.spanMs.value = state.spanMs;
    if (state.running) explore.run(state.query);
    else explore.text.value = state.query;
  });
}

/** A link's query runs at once; an empty page shows the most telling example. */
function runAtStart(state: PageState, explore: Explore, catalogue: Catalogue): void {
  if (state.query !== '') {
    if (state.running) explore.run(state.query);
    return;
  }
  const stop = effect(() => {
    const [first] = examplesFor(catalogue.streams.value);
    if (first === undefined) return;
    queueMicrotask(() => stop());
    if (explore.text.peek() === '' && explore.running.peek() === null) explore.run(first.query);
  });
}

function scheduleFrame(draw: () => void): void {
  if (document.hidden) setTimeout(draw, HIDDEN_FRAME_MS);
  else requestAnimationFrame(draw);
}

void start();
