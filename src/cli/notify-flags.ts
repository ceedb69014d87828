/** Options of the commands about who is told of alerts. */
import type { ClientFlags } from './flags.ts';

export interface SilenceFlags extends ClientFlags {
  readonly for: string;
  readonly comment: string;
  readonly author?: string;
}

export interface AckFlags extends ClientFlags {
  readonly for?: string;
  readonly comment?: string;
  readonly undo?: boolean;
}

export interface RouteTestFlags extends ClientFlags {
  readonly file?: string;
}

export interface NotificationsFlags extends ClientFlags {
  readonly receiver?: string;
  readonly incident?: string;
  readonly state?: string;
  readonly limit?: string;
  readonly pages?: boolean;
}
