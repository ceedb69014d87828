/** One notification on its way to one receiver, and its line in the delivery log. */
import type { Notification } from './notification.ts';

/** `dropped`: never sent, because the outbox was full. */
export type JobState = 'waiting' | 'sent' | 'failed' | 'dropped';

export interface OutboxJob {
  /** The notification's. */
  readonly id: string;
  /** Place in the order of all jobs. */
  readonly sequence: number;
  readonly notification: Notification;
  readonly state: JobState;
  readonly attempts: number;
  /** While it waits: not before then. */
  readonly nextMs: number;
  readonly createdMs: number;
  /** When it was sent or given up. */
  readonly settledMs: number | null;
  /** What the receiver said last. */
  readonly note: string;
}
