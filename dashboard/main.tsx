/** Wires the page: address, session, connection, catalogue, state; draws it into `#app`. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import type { AlertView } from '../src/alert/alert-views.ts';
import { App } from './app.tsx';
import { browserApi, browserConnectionHost, browserNow } from './browser-host.ts';
import { browserLines } from './browser-lines.ts';
import { Catalogue, listOf } from './catalogue.ts';
import { Connection } from './connection.ts';
import type { Dashboard } from './dashboard.ts';
import { DifferenceWatch } from './differs/difference-watch.ts';
import { examplesFor } from './examples.ts';
import { Explore } from './explore.ts';
import type { ExploreDeps } from './explore.ts';
import { FrameQueue } from './frame-queue.ts';
import { FIRING_POLL_MS, FIRING_READ_MAX } from './limits.ts';
import {
  hashFrom,
  hashWithoutToken,
  pageStateFrom,
  SPAN_DEFAULT_MS,
  tokenFrom,
} from './page-address.ts';
import type { PageState } from './page-address.ts';
import { Polled } from './polled.ts';
import { rememberQueries } from './query-history.ts';
import { Router, SCREENS } from './router.ts';
import { startTheme } from './theme.ts';
import { Tour } from './tour/tour.ts';

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
  const router = new Router();
  const state = pageStateFrom(location.hash);
  const scheduleFrame = new FrameQueue({ nextFrame }).add;
  const deps: ExploreDeps = { api: browserApi, connection, scheduleFrame, now: browserNow };
  const explore = new Explore(state, deps);
  const differs = new DifferenceWatch({ connection, catalogue, explore, scheduleFrame });
  const firing = new Polled({
    api: browserApi,
    path: 'alerts',
    read: readFiring,
    everyMs: FIRING_POLL_MS,
  });
  const tour = new Tour({ api: browserApi, catalogue, explore, differs, router });
  const dashboard: Dashboard = {
    ...{
      api: browserApi,
      lines: browserLines,
      connection,
      catalogue,
      explore,
      differs,
      router,
      firing,
      tour,
      scheduleFrame,
      now: browserNow,
    },
    newExplore: (query, more) =>
      new Explore(
        { query, running: false, spanMs: SPAN_DEFAULT_MS, view: null },
        { ...deps, ...more },
      ),
  };
  connection.start();
  router.start();
  firing.start();
  differs.start();
  tour.start();
  catalogue.start(() => document.hidden);
  followAddress(explore, router);
  runAtStart(state, dashboard);
  nameTab(dashboard);
  rememberQueries(explore);
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
  render(<App {...{ dashboard, openSession }} />, root);
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

function readFiring(body: unknown): readonly AlertView[] {
  return listOf(body, 'alerts').slice(0, FIRING_READ_MAX) as readonly AlertView[];
}

/** Explore's question stands in the address while Explore is what is shown. */
function followAddress(explore: Explore, router: Router): void {
  effect(() => {
    if (router.route.value.screen !== 'explore') return undefined;
    const hash = hashFrom(explore.pageState());
    const timer = setTimeout(() => {
      if (hash !== location.hash) history.replaceState(null, '', location.pathname + hash);
    }, ADDRESS_DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });
  addEventListener('hashchange', () => {
    const { screen, params } = router.route.peek();
    if (screen !== 'explore' || !params.has('q')) return;
    const state = pageStateFrom(location.hash);
    explore.spanMs.value = state.spanMs;
    const running = explore.running.peek();
    const runsAlready = running?.live === true && running.query === state.query.trim();
    if (state.running && !runsAlready) explore.run(state.query);
    else explore.text.value = state.query;
    explore.view.value = state.view;
  });
}

/** What the demo's first question reads. */
const DEMO_STREAM = 'plays';

/** A link's query runs at once; an empty page shows the most telling example. */
function runAtStart(state: PageState, { explore, catalogue, router }: Dashboard): void {
  if (state.query !== '') {
    if (state.running) explore.run(state.query);
    explore.view.value = state.view;
    return;
  }
  const stop = effect(() => {
    const [first] = examplesFor(catalogue.streams.value);
    if (first === undefined || router.route.value.screen !== 'explore') return;
    // The demo's own streams come a moment after those of the machine; they are what it is about.
    const status = catalogue.status.value;
    if (status === null || (status.demo && first.stream !== DEMO_STREAM)) return;
    queueMicrotask(() => stop());
    if (explore.text.peek() === '' && explore.running.peek() === null) explore.run(first.query);
  });
}

/** The tab says how much fires, so that a page in the background is worth its place. */
function nameTab({ router, firing }: Dashboard): void {
  effect(() => {
    const { screen } = router.route.value;
    const count = firing.value.value?.length ?? 0;
    const title = SCREENS.find(({ name }) => name === screen)?.title ?? '';
    document.title = `${count > 0 ? `(${count}) ` : ''}${title} · Squilla`;
  });
}

function nextFrame(draw: () => void): void {
  if (document.hidden) setTimeout(draw, HIDDEN_FRAME_MS);
  else requestAnimationFrame(draw);
}

void start();
