/** Receivers, routes, inhibitions and maintenance windows as they were configured. */
import type { ReceiverSpec } from '../receivers/contract.ts';
import type { Inhibition } from './inhibition.ts';
import type { Maintenance } from './maintenance.ts';
import type { RouteSpec } from './routing.ts';

export interface NotifyConfig {
  readonly receivers: ReadonlyMap<string, ReceiverSpec>;
  /** Null: nobody is told of anything. */
  readonly route: RouteSpec | null;
  readonly inhibitions: readonly Inhibition[];
  readonly maintenance: readonly Maintenance[];
  /** Tells somebody outside that Squilla is alive; null: nobody. */
  readonly watchdog: WatchdogSpec | null;
  /** Where people reach the dashboard, for links; null: the address the engine listens on. */
  readonly externalUrl: string | null;
  /** Under which address receivers on the open network fetch pictures; null: they get none. */
  readonly imagesUrl: string | null;
}

export interface WatchdogSpec {
  readonly receiver: string;
  readonly everyMs: number;
}

export const NO_NOTIFY_CONFIG: NotifyConfig = {
  receivers: new Map(),
  route: null,
  inhibitions: [],
  maintenance: [],
  watchdog: null,
  externalUrl: null,
  imagesUrl: null,
};
