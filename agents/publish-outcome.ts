/** What is published, and what becomes of it. */
/** An event, or a function that makes one and is called only if somebody asks. */
export type Publishable = object | (() => object);

export type DropReason =
  | 'agent_shed'
  | 'queue'
  | 'queue_sample'
  | 'spool'
  | 'resend'
  | 'oversize'
  | 'malformed'
  | 'closed';

/**
 * `accepted`: on its way, or counted · `skipped`: no query reads the stream · `filtered`: none of
 * the queries wants this event · `sampled`: the samples of all of them left it out · `dropped:…`:
 * lost, and counted so.
 */
export type PublishOutcome =
  | 'accepted'
  | 'skipped'
  | 'filtered'
  | 'sampled'
  | `dropped:${DropReason}`;
