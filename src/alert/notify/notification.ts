/** What one receiver is told about one group of alerts at one moment. JSON-safe: it is stored. */
import type { Labels } from './matcher.ts';
import type { NotifiedAlert } from './notified-alert.ts';

/**
 * Why it is told. `new`: an incident begins; `changed`: other alerts joined or ended; `resolved`:
 * all of it is over; `repeat`: it still lasts; `unmuted`: a silence or maintenance ended and it
 * fires;
 * `escalation`: nobody acknowledged; `unacknowledged`: an acknowledgement ran out.
 */
export type NotificationReason =
  | 'new'
  | 'changed'
  | 'resolved'
  | 'repeat'
  | 'unmuted'
  | 'escalation'
  | 'acknowledged'
  | 'unacknowledged'
  | 'heartbeat'
  | 'test';

export interface Notification {
  /** Unique and stable: every attempt at its delivery carries it. */
  readonly id: string;
  /**
   * Dedup key: from the first page of a group until all of it is over, across restarts, reloads and
   * receivers.
   */
  readonly incident: string;
  readonly receiver: string;
  readonly reason: NotificationReason;
  readonly status: 'firing' | 'resolved';
  readonly atMs: number;
  readonly group: { readonly key: string; readonly labels: Labels };
  /**
   * Those that fire first, then those that ended since the last time; at most `notifiedAlertsMax`.
   */
  readonly alerts: readonly NotifiedAlert[];
  /** How many more there are. */
  readonly truncated: number;
  readonly acknowledgement: Acknowledgement | null;
}

export interface Acknowledgement {
  readonly by: string;
  readonly comment: string;
  readonly atMs: number;
  /** Null: until the incident is over. */
  readonly untilMs: number | null;
}
