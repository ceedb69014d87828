/**
 * What people are told of why an answer is not whole: reasons of completeness, reasons for which
 * events were lost, and reasons for which messages did not reach this page. Every reason that the
 * engine knows has its words here; a test holds that.
 */
import type { DropReason } from '../src/telemetry/signals.ts';

/** Why a window is partial or degraded, as half a sentence. */
export const COMPLETENESS_WORDS: Readonly<Record<string, string>> = {
  starting: 'the engine has just started and agents are still coming back',
  'first-window': 'the query began in the middle of this window',
  'open-window': 'the window is not over yet',
  'join-start': 'the join has not kept what came before it was asked',
  'values-cut': 'a LIST or DISTINCT has more values than are kept of a group',
  'table-changed': 'a table that it looks up was replaced meanwhile',
  'agents-missing': 'some agents did not report in time',
  dropped: 'events were dropped on the way',
  late: 'events came after their window had closed',
  behind: 'the engine is behind',
  sampled: 'events were sampled',
  'shard-restart': 'a part of the engine was started anew',
  'agent-restarted': 'an agent died, and what it had not sent died with it',
  'agent-shed': 'an agent had used its share of a core and looked at a part of the events',
  shed: 'the engine could not keep up and let this query rest',
  quota: 'the query, or all queries of its asker, took more memory than they may',
  'rows-per-second': 'it gives more rows a second than are told',
  sessions: 'more sessions were open than are kept',
  exchange: 'rows were lost between two parts of the engine',
  join: 'a join could not keep all that it might still need',
};

interface LossWords {
  /** Beside a number. */
  readonly name: string;
  /** A sentence, and what helps if something does. */
  readonly detail: string;
}

export const LOSS_WORDS: Readonly<Record<DropReason, LossWords>> = {
  queue: {
    name: 'agent queue full',
    detail: 'Agents published faster than they could send; the oldest events went first.',
  },
  queue_sample: {
    name: 'thinned by agents',
    detail: 'Agents whose queue was filling left out events by chance, so that all kinds remain.',
  },
  rate_limit: { name: 'rate limit', detail: 'More rows than a query or source may send a second.' },
  quota: {
    name: 'over budget',
    detail: 'Not evaluated: the query, or all queries of its asker, were over a budget.',
  },
  oversize: { name: 'too large', detail: 'An event, line or body was above its limit.' },
  malformed: { name: 'not readable', detail: 'Bytes came that are no event.' },
  badTime: { name: 'time not readable', detail: 'The field of the event time has no time.' },
  future: {
    name: 'from the future',
    detail: 'Event times lie too far ahead of the clock; look at the clock of the sender.',
  },
  slow_client: { name: 'slow reader', detail: 'A client read its results too slowly.' },
  exchange: { name: 'between shards', detail: 'The queue between two shards was full.' },
  spool: {
    name: 'spool lost',
    detail: 'The spool of an agent on disk was full or failed, or its process died while sending.',
  },
  resend: {
    name: 'lost with a link',
    detail: 'Sent before a connection broke, and no longer held by the agent.',
  },
  join: { name: 'join full', detail: 'A join held as many rows as it may.' },
  joinPairs: {
    name: 'join too wide',
    detail: 'Events met only some rows: a join makes too many pairs.',
  },
  windowRows: { name: 'window too large', detail: 'More rows in one window than are kept.' },
  sessions: { name: 'too many sessions', detail: 'More sessions were open at once than are kept.' },
  panes: { name: 'too many windows', detail: 'More windows were open at once than are kept.' },
  shard_restart: { name: 'shard failed', detail: 'Held by a part of the engine that failed.' },
  engine_restart: {
    name: 'engine stopped',
    detail: 'The engine had taken them, and stopped before they were in a result.',
  },
  shed: {
    name: 'query rested',
    detail: 'Not evaluated: the engine could not keep up and let the query rest.',
  },
  agent_shed: {
    name: 'agent CPU budget',
    detail: 'Not looked at by agents that had used their share of a core (`agentCpuPercent`).',
  },
  udp: {
    name: 'datagrams lost',
    detail: 'The system threw datagrams away that came faster than they were read.',
  },
  closed: { name: 'agent closed', detail: 'Still waiting in an agent that was closed.' },
  other: { name: 'other', detail: 'A reason of an agent that this engine does not know.' },
};

/** Why messages did not reach this page. */
export const NOT_SHOWN_WORDS: Readonly<Record<string, string>> = {
  'rows-per-second':
    'The query gives more rows a second than any reader is told; LIMIT or HAVING lowers that.',
  'client-rows-per-second':
    'This connection is sent no more rows a second; close other pages or ask for fewer groups.',
  slow_client: 'This page did not read fast enough; newer answers replaced these.',
};

/** Null: an engine newer than this page knows more reasons. */
export function lossWords(reason: string): LossWords | null {
  return Object.hasOwn(LOSS_WORDS, reason) ? LOSS_WORDS[reason as DropReason] : null;
}

export function notShownText(reason: string): string {
  return NOT_SHOWN_WORDS[reason] ?? 'Left out on the way to this page.';
}

const SILENT_SOURCE = 'silent-source:';

export function completenessText(reason: string): string {
  if (reason.startsWith(SILENT_SOURCE)) return `nobody feeds ${reason.slice(SILENT_SOURCE.length)}`;
  return COMPLETENESS_WORDS[reason] ?? reason;
}
