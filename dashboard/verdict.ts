/**
 * From completeness to one plain sentence: whether the answer can be trusted, and if not, why.
 * Zero, silent and behind are three verdicts with three looks; telling them apart is what the page
 * is for.
 */
import type { Completeness } from '../src/wire/results.ts';
import { countText, durationText } from './format.ts';
import { completenessText } from './loss-words.ts';

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

function reasonsText(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'Part of the truth is missing.';
  const text = reasons.map(completenessText).join(', and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
