/**
 * What a bench and its crowd of clients say to each other over IPC.
 *
 *     bench: open → crowd: opened → bench: count → crowd: counting → bench: report → crowd: counted
 */

export interface CrowdOrder {
  readonly type: 'open';
  readonly port: number;
  readonly clients: number;
  /** Of each client. */
  readonly subscriptions: number;
  readonly queries: readonly string[];
  /** True: all clients have the same queries; else each goes on where the one before ended. */
  readonly same: boolean;
  readonly windowMs: number;
}

export type CrowdCommand = CrowdOrder | { readonly type: 'count' } | { readonly type: 'report' };

export type CrowdReport =
  | { readonly type: 'opened' }
  | { readonly type: 'counting' }
  | {
      readonly type: 'counted';
      readonly results: number;
      /** Of the client that got fewest. */
      readonly least: number;
      /** Windows that did not follow on the one before. */
      readonly missed: number;
      readonly bytes: number;
    }
  | { readonly type: 'failed'; readonly detail: string };
