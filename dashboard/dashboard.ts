/** What every screen is given: the engine's ends, and what outlives a change of screen. */
import type { AlertView } from '../src/alert/alert-views.ts';
import type { Api } from './browser-host.ts';
import type { ApiLines } from './browser-lines.ts';
import type { Catalogue } from './catalogue.ts';
import type { Connection } from './connection.ts';
import type { DifferenceWatch } from './differs/difference-watch.ts';
import type { Explore, ExploreDeps, ScheduleFrame } from './explore.ts';
import type { Polled } from './polled.ts';
import type { Router } from './router.ts';
import type { Tour } from './tour/tour.ts';

/** What a result of its own may be given besides its query. */
export type ExploreMore = Pick<ExploreDeps, 'params' | 'ask'>;

export interface Dashboard {
  readonly api: Api;
  /** Answers that come line by line. */
  readonly lines: ApiLines;
  readonly connection: Connection;
  readonly catalogue: Catalogue;
  readonly explore: Explore;
  /** What is counted beside Explore's query, to say what differs. */
  readonly differs: DifferenceWatch;
  readonly router: Router;
  /** What fires now. */
  readonly firing: Polled<readonly AlertView[]>;
  /** A result of its own for a screen that shows one. */
  readonly newExplore: (query: string, more?: ExploreMore) => Explore;
  readonly tour: Tour;
  readonly scheduleFrame: ScheduleFrame;
  /** Milliseconds UTC. */
  readonly now: () => number;
}
