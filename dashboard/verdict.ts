/**
 * From completeness to one plain sentence: whether the answer can be trusted, and if not, why.
 * Zero, silent and behind are three verdicts with three looks; telling them apart is what the page
 * is for.
 */
import type { Completeness } from '../src/wire/results.ts';
import { countText, durationText } from './format.ts';

export type Tone = 'good' | 'calm' | 'warn' | 'bad' | 'idle';

export interface Verdict {
  readonly tone: Tone;
  readonly word: string;
  /** One sentence, with what to do if there is something. */
  readonly detail: string;
}

export interface VerdictInput {
  readonly completeness: Completeness | null;
  readonly away: boolean;
  readonly live: boolean;
  readonly lagMs: number | null;
}

export function verdictFrom(input: VerdictInput): Verdict {
  const verdict = verdictOfWindow(input);
  if (input.live || input.completeness === null) return verdict;
  const last = `The last values were ${verdict.word.toLowerCase()} when it stopped.`;
  return { tone: 'idle', word: 'Stopped', detail: last };
}

function verdictOfWindow({ completeness, away, live, lagMs }: VerdictInput): Verdict {
  if (away && live) {
    return {
      tone: 'bad',
      word: 'Engine away',
      detail: 'These are the last values before the link broke; the page goes on by itself.',
    };
  }
  if (completeness === null) {
    return { tone: 'idle', word: 'Waiting', detail: 'The first window has not ended yet.' };
  }
  const { agents, source, engine, status, traffic } = completeness;
  if (source === 'none') {
    return { tone: 'bad', word: 'No source', detail: 'No agent has ever offered this stream.' };
  }
  if (source === 'silent') {
    const whose = `None of ${countText(agents.expected, 'agent')} reports`;
    return { tone: 'bad', word: 'Silent', detail: `${whose}. The values are unknown, not zero.` };
  }
  if (engine === 'behind') {
    const late = lagMs === null ? '' : ` by ${durationText(lagMs)}`;
    return {
      tone: 'warn',
      word: 'Behind',
      detail: `The engine is late${late}; values are true but old.`,
    };
  }
  if (status !== 'complete') {
    const word = status === 'degraded' ? 'Degraded' : 'Partial';
    return { tone: 'warn', word, detail: reasonsText(completeness.reasons) };
  }
  if (traffic === 'zero') {
    return { tone: 'calm', word: 'Zero', detail: 'Every agent reports, and nothing matched.' };
  }
  return { tone: 'good', word: 'Complete', detail: 'Every agent reported every event.' };
}

const REASONS: Readonly<Record<string, string>> = {
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

const SILENT_SOURCE = 'silent-source:';

/** Why messages did not reach this page, for a figure's title. */
const DROPS: Readonly<Record<string, string>> = {
  'rows-per-second':
    'The query gives more rows a second than any reader is told; LIMIT or HAVING lowers that.',
  'client-rows-per-second':
    'This connection is sent no more rows a second; close other pages or ask for fewer groups.',
  slow_client: 'This page did not read fast enough; newer answers replaced these.',
};

export function dropText(reason: string): string {
  return DROPS[reason] ?? 'Left out on the way to this page.';
}

function reasonText(reason: string): string {
  if (reason.startsWith(SILENT_SOURCE)) return `nobody feeds ${reason.slice(SILENT_SOURCE.length)}`;
  return REASONS[reason] ?? reason;
}

function reasonsText(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'Part of the truth is missing.';
  const text = reasons.map((reason) => reasonText(reason)).join(', and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
