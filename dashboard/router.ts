/**
 * Which screen the page shows, from its address: `#/alerts/rules/NAME`. Explore has the address
 * that it always had, `#q=…`, so that links in old pages and notifications stay good.
 */
import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

export type ScreenName = 'explore' | 'tail' | 'boards' | 'alerts' | 'fleet';

export const SCREENS: readonly { readonly name: ScreenName; readonly title: string }[] = [
  { name: 'explore', title: 'Explore' },
  { name: 'tail', title: 'Live tail' },
  { name: 'boards', title: 'Boards' },
  { name: 'alerts', title: 'Alerts' },
  { name: 'fleet', title: 'Fleet' },
];

export interface Route {
  readonly screen: ScreenName;
  /** Segments below the screen, decoded. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
}

export function routeFrom(hash: string): Route {
  const text = hash.replace(/^#/, '');
  if (!text.startsWith('/')) {
    return { screen: 'explore', path: [], params: new URLSearchParams(text) };
  }
  const [path = '', query = ''] = text.split('?', 2);
  const [first = '', ...rest] = path.split('/').filter(Boolean).map(decoded);
  const screen = SCREENS.find(({ name }) => name === first)?.name ?? 'explore';
  return { screen, path: rest, params: new URLSearchParams(query) };
}

export function addressOf(
  screen: ScreenName,
  path: readonly string[] = [],
  params: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(params).toString();
  const segments = [screen, ...path].map(encodeURIComponent).join('/');
  return `#/${segments}${query === '' ? '' : `?${query}`}`;
}

export class Router {
  readonly #route = signal(routeFrom(location.hash));

  get route(): ReadonlySignal<Route> {
    return this.#route;
  }

  start(): void {
    addEventListener('hashchange', () => {
      this.#route.value = routeFrom(location.hash);
    });
  }

  go(
    screen: ScreenName,
    path: readonly string[] = [],
    params: Readonly<Record<string, string>> = {},
  ): void {
    location.hash = addressOf(screen, path, params);
  }
}

/** A segment that is no valid encoding is taken as it stands. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
