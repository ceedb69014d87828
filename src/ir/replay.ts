/**
 * How far a query looks back before it goes on live, as data. It belongs to a subscription and not
 * to the shared pipeline: two that look back differently share what runs live.
 */
import type { Expression } from './expression.ts';

export interface ReplaySpec {
  readonly from: ReplayMoment;
  /** Where the query ends; null: it goes on live. */
  readonly until: ReplayMoment | null;
}

export type ReplayMoment =
  /** So long before the query starts. */
  | { readonly kind: 'ago'; readonly ms: number }
  /** Milliseconds since 1970. */
  | { readonly kind: 'at'; readonly ms: number }
  /** Over constants and `now()`, evaluated when the query starts: milliseconds since 1970. */
  | { readonly kind: 'computed'; readonly expression: Expression };
