/** What every screen is given: the engine's ends, and what outlives a change of screen. */
import type { AlertView } from '../src/alert/alert-views.ts';
import type { Api } from './browser-host.ts';
import type { Catalogue } from './catalogue.ts';
import type { Connection } from './connection.ts';
import type { Explore } from './explore.ts';
import type { Polled } from './polled.ts';
import type { Router } from './router.ts';

export interface Dashboard {
  readonly api: Api;
  readonly connection: Connection;
  readonly catalogue: Catalogue;
  readonly explore: Explore;
  readonly router: Router;
  /** What fires now. */
  readonly firing: Polled<readonly AlertView[]>;
  /** A result of its own for a screen that shows one. */
  readonly newExplore: (query: string) => Explore;
  /** Milliseconds UTC. */
  readonly now: () => number;
}
