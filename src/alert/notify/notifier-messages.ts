/** What the notifier hears and what it wants done. */
import type { AlertTransition } from '../transition.ts';
import type { Group } from './group.ts';
import type { Notification } from './notification.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import type { NotifyConfig } from './notify-config.ts';
import type { PostedAlert } from './posted-alert.ts';
import type { Silence } from './silence.ts';

export type NotifierInput =
  | { readonly type: 'transitions'; readonly transitions: readonly AlertTransition[] }
  | { readonly type: 'posted'; readonly alerts: readonly PostedAlert[] }
  | { readonly type: 'configure'; readonly config: NotifyConfig }
  | { readonly type: 'put-silence'; readonly silence: Silence }
  | { readonly type: 'expire-silence'; readonly id: string }
  | ({ readonly type: 'acknowledge' } & AcknowledgeRequest)
  | { readonly type: 'unacknowledge'; readonly incident: string; readonly by: string }
  | { readonly type: 'tick' };

export interface AcknowledgeRequest {
  readonly incident: string;
  readonly by: string;
  readonly comment: string;
  readonly untilMs: number | null;
}

/** Carried out in one transaction of the store; what is told is sent after that. */
export type NotifierEffect =
  | { readonly type: 'notify'; readonly notification: Notification }
  | { readonly type: 'save-alert'; readonly held: HeldAlert }
  | { readonly type: 'forget-alert'; readonly episode: string }
  | { readonly type: 'save-group'; readonly group: Group }
  | { readonly type: 'forget-group'; readonly key: string }
  | { readonly type: 'save-silence'; readonly silence: Silence }
  | { readonly type: 'forget-silence'; readonly id: string };

/** An alert as it is kept, with what mutes it now. */
export interface HeldAlert {
  readonly alert: NotifiedAlert;
  readonly muted: Muted;
}

export interface Muted {
  /** Ids. */
  readonly silences: readonly string[];
  /** Names of maintenance windows. */
  readonly maintenance: readonly string[];
  /** Names of inhibitions. */
  readonly inhibitions: readonly string[];
}

export function isMuted({ silences, maintenance, inhibitions }: Muted): boolean {
  return silences.length + maintenance.length + inhibitions.length > 0;
}

/** By somebody's wish, and not because another alert says it all. */
export function isHushed({ silences, maintenance }: Muted): boolean {
  return silences.length + maintenance.length > 0;
}

/** What the store gives back at a start. */
export interface NotifierState {
  readonly alerts: readonly HeldAlert[];
  readonly groups: readonly Group[];
  readonly silences: readonly Silence[];
}

export const EMPTY_STATE: NotifierState = { alerts: [], groups: [], silences: [] };
