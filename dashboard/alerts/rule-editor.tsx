/**
 * Writes a rule: its text with mistakes at their place, what it would have done over the windows
 * that its query still holds, and the query live below, so that a number is chosen by looking.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Preview } from '../../src/alert/preview.ts';
import type { Threshold } from '../../src/alert/rule-variants.ts';
import type { FileMistake } from '../../src/alert/rule-file.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import type { Explore } from '../explore.ts';
import { safeText } from '../format.ts';
import { CHECK_DEBOUNCE_MS, SCREEN_POLL_MS } from '../limits.ts';
import { ResultView } from '../result-view.tsx';
import { addressOf } from '../router.ts';
import { BacktestPanel } from './backtest-panel.tsx';
import { PreviewPanel } from './rule-preview.tsx';
import { nameInText, ruleFor } from './rule-template.ts';
import { RuleTextBox } from './rule-text-box.tsx';
import { withThreshold } from './threshold-text.ts';

export interface RuleEditorProps {
  readonly dashboard: Dashboard;
  /** The rule to change, or to copy if it stands in a file; null: a new one. */
  readonly name: string | null;
  /** What a new rule asks; null: nothing yet. */
  readonly query: string | null;
  /** A condition to begin with; null: the usual. */
  readonly when: string | null;
  /** What a new rule is called; null: it is to be named. */
  readonly called: string | null;
}

/** What the engine said of a text. */
export interface Judged {
  readonly text: string;
  readonly mistakes: readonly FileMistake[];
  /** Null: it has mistakes. */
  readonly query: string | null;
  readonly preview: Preview | null;
  /** The engine could not be asked. */
  readonly problem: string | null;
}

const NOT_JUDGED: Judged = { text: '', mistakes: [], query: null, preview: null, problem: null };

export function RuleEditor({ dashboard, name, query, when, called }: RuleEditorProps): JSX.Element {
  const text = useSignal<string | null>(name === null ? ruleFor(query, when, called) : null);
  const version = useSignal<number | null>(null);
  const judged = useSignal<Judged>(NOT_JUDGED);
  const refused = useSignal<string | null>(null);
  useRuleText(dashboard, name, text, version);
  useJudgement(dashboard, text, judged);
  const trial = useTrial(dashboard, judged);
  const save = async (): Promise<void> => {
    const written = text.peek() ?? '';
    const target = nameInText(written);
    if (target === null) {
      refused.value = 'The rule has no name: write `name:` in its first line.';
      return;
    }
    // A copy of a rule is a new rule, and must not write over one that is there.
    const isChange = target === name && version.value !== null;
    const headers = isChange ? { 'if-match': `"${version.value}"` } : { 'if-none-match': '*' };
    const path = `rules/${encodeURIComponent(target)}`;
    const answer = await dashboard.api('PUT', path, { text: written }, headers);
    if (isGood(answer)) dashboard.router.go('alerts', ['rules', target]);
    else refused.value = problemSentence(answer);
  };
  const setThreshold = (threshold: Threshold, value: number): void => {
    const changed = withThreshold(text.peek() ?? '', threshold, value);
    if (changed !== null) text.value = changed;
    else refused.value = 'Write `when:` in one line, then its number can be dragged.';
  };
  if (text.value === null) return <div class="loading" role="status" aria-label="Loading" />;
  const errors = judged.value.mistakes.filter(({ severity }) => severity === 'error').length;
  return (
    <>
      <section class="card rule-editor" aria-label="Rule">
        <RuleTextBox text={text as Signal<string>} judged={judged} onSave={() => void save()} />
        <footer class="rule-editor-foot">
          <Mistakes judged={judged.value} />
          <div class="editor-actions">
            <a
              class="button"
              href={addressOf('alerts', name === null ? ['rules'] : ['rules', name])}
            >
              Cancel
            </a>
            <button
              type="button"
              class="button primary"
              disabled={errors > 0}
              onClick={() => void save()}
            >
              Put in force
              <kbd>Ctrl S</kbd>
            </button>
          </div>
        </footer>
      </section>
      {refused.value !== null && (
        <p class="notice bad" role="alert">
          {refused.value}
        </p>
      )}
      <PreviewPanel judged={judged.value} onThreshold={setThreshold} />
      <BacktestPanel dashboard={dashboard} judged={judged.value} onThreshold={setThreshold} />
      {trial.running.value !== null && (
        <ResultView explore={trial} connection={dashboard.connection} />
      )}
    </>
  );
}

function Mistakes({ judged }: { judged: Judged }): JSX.Element {
  if (judged.problem !== null) return <p class="rule-mistake bad">{judged.problem}</p>;
  if (judged.text === '') return <p class="rule-mistake faint">Checking…</p>;
  if (judged.mistakes.length === 0) return <p class="rule-mistake good">No mistakes</p>;
  return (
    <ul class="rule-mistakes">
      {judged.mistakes.slice(0, 8).map(({ severity, line, column, message }) => (
        <li key={`${line}:${column} ${message}`} class={severity === 'error' ? 'bad' : 'warn'}>
          <span class="mono">
            {line}:{column}
          </span>{' '}
          <bdi>{safeText(message, 300)}</bdi>
        </li>
      ))}
    </ul>
  );
}

function useRuleText(
  { api }: Dashboard,
  name: string | null,
  text: Signal<string | null>,
  version: Signal<number | null>,
): void {
  useEffect(() => {
    if (name === null) return;
    void api('GET', `rules/${encodeURIComponent(name)}`).then((answer) => {
      const rule = recordFrom(answer.body);
      const isOurs = rule['origin'] === 'api';
      version.value = isOurs ? Number(rule['version']) : null;
      text.value =
        isGood(answer) && typeof rule['text'] === 'string' ? rule['text'] : ruleFor(null);
      return undefined;
    });
  }, [name]);
}

/** Judges the text soon after it changed, and again while its query runs and fills windows. */
function useJudgement(
  { api }: Dashboard,
  text: Signal<string | null>,
  judged: Signal<Judged>,
): void {
  const current = text.value;
  useEffect(() => {
    if (current === null) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    let gone = false;
    const judge = async (): Promise<void> => {
      const found = await judgementOf(api, current);
      if (gone) return;
      judged.value = found;
      timer = setTimeout(() => void judge(), SCREEN_POLL_MS);
    };
    timer = setTimeout(() => void judge(), CHECK_DEBOUNCE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [current]);
}

async function judgementOf(api: Dashboard['api'], text: string): Promise<Judged> {
  const [checked, previewed] = await Promise.all([
    api('POST', 'rules/check', { text }),
    api('POST', 'rules/preview', { text }),
  ]);
  if (!isGood(checked)) return { ...NOT_JUDGED, text, problem: problemSentence(checked) };
  const [rule] = listOf(checked.body, 'rules');
  // With the columns that its conditions need, and that of a saved query where it asks one.
  const { asks: query } = recordFrom(rule);
  const preview = recordFrom(previewed.body)['preview'];
  return {
    text,
    mistakes: listOf(checked.body, 'mistakes') as readonly FileMistake[],
    query: typeof query === 'string' ? query.trim() : null,
    preview: isGood(previewed) ? ((preview ?? null) as Preview | null) : null,
    problem: null,
  };
}

/** Charts move on this often while nothing comes. */
const TICK_MS = 1_000;

/** The rule's query, run for as long as somebody writes. */
function useTrial(dashboard: Dashboard, judged: Signal<Judged>): Explore {
  const trial = useMemo(() => dashboard.newExplore(''), [dashboard]);
  const { query } = judged.value;
  useEffect(() => {
    if (query !== null && trial.running.peek()?.query !== query) trial.run(query);
  }, [query]);
  useEffect(() => {
    const timer = setInterval(() => trial.tick(), TICK_MS);
    return () => {
      clearInterval(timer);
      trial.stop();
    };
  }, [trial]);
  return trial;
}
