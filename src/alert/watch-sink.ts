/** Where everything goes that a rule at work does. */
import type { Value } from '../model/value.ts';
import type { SavedAlert } from './saved-alert.ts';
import type { AlertTransition } from './transition.ts';

export interface WatchSink {
  transition(transition: AlertTransition): void;
  save(alert: SavedAlert): void;
  /** Until when episodes of the rule were named that are forgotten by now, ms UTC. */
  namedThroughMs(rule: string): number;
  /** An episode that opened at `openedMs` is remembered by nothing else any more. */
  forgetEpisode(rule: string, openedMs: number): void;
  /** Groups that must not be forgotten; replaces what was held before. */
  hold(rule: string, groups: readonly (readonly Value[])[]): void;
}
