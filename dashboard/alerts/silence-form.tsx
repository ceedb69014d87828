/** Who is not to hear of what, for how long, and why; shows what it would mute before it does. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api } from '../browser-host.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import { countText, safeText } from '../format.ts';
import { CHECK_DEBOUNCE_MS } from '../limits.ts';
import { FormDialog } from '../form-dialog.tsx';
import { keyText, matchersFor } from './alert-words.ts';

export interface SilenceFormProps {
  readonly api: Api;
  /** Of the alert to silence; empty: the form begins empty. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onClose: () => void;
}

const LENGTHS: readonly string[] = ['30m', '2h', '8h', '24h'];

/** What a preview lists by name. */
const NAMED_MAX = 8;

interface Preview {
  readonly names: readonly string[];
  readonly problem: string | null;
}

export function SilenceForm({ api, labels, onClose }: SilenceFormProps): JSX.Element {
  const matchers = useSignal(matchersFor(labels).join('\n'));
  const length = useSignal(LENGTHS[1] ?? '2h');
  const comment = useSignal('');
  const preview = usePreview(api, matchers.value);
  const submit = async (): Promise<string | null> => {
    const body = {
      matchers: linesOf(matchers.value),
      for: length.value,
      comment: comment.value.trim(),
    };
    const answer = await api('POST', 'silences', body);
    return isGood(answer) ? null : problemSentence(answer);
  };
  return (
    <FormDialog
      title="Silence alerts"
      action={`Silence for ${length.value}`}
      isReady={comment.value.trim() !== '' && linesOf(matchers.value).length > 0}
      {...{ submit, onClose }}
    >
      <MatcherField matchers={matchers} />
      <PreviewLine preview={preview} />
      <LengthChoice length={length} />
      <ReasonField comment={comment} />
    </FormDialog>
  );
}

function MatcherField({ matchers }: { matchers: Signal<string> }): JSX.Element {
  return (
    <label>
      Alerts whose labels match every line
      <textarea
        class="field-box mono"
        rows={3}
        spellcheck={false}
        placeholder='region = "eu-west"'
        value={matchers.value}
        onInput={(event) => (matchers.value = event.currentTarget.value)}
      />
      <small>
        <code>=</code> equal, <code>!=</code> not equal, <code>=~</code> and <code>!~</code>{' '}
        patterns
      </small>
    </label>
  );
}

function LengthChoice({ length }: { length: Signal<string> }): JSX.Element {
  return (
    <div class="segmented lengths" role="group" aria-label="For how long">
      {LENGTHS.map((text) => (
        <button
          key={text}
          type="button"
          aria-pressed={length.value === text}
          onClick={() => (length.value = text)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

function ReasonField({ comment }: { comment: Signal<string> }): JSX.Element {
  return (
    <label>
      Why
      <input
        class="field-box"
        value={comment.value}
        placeholder="deploying the new edge, Ana watches it"
        onInput={(event) => (comment.value = event.currentTarget.value)}
      />
      <small>Whoever finds the silence at night will want to know.</small>
    </label>
  );
}

function PreviewLine({ preview }: { preview: Preview | null }): JSX.Element {
  if (preview === null) return <p class="notice">Looking what it would mute…</p>;
  if (preview.problem !== null) return <p class="notice warn">{preview.problem}</p>;
  const { names } = preview;
  if (names.length === 0) {
    return <p class="notice warn">It would mute nothing that fires now.</p>;
  }
  const beyond = names.length - NAMED_MAX;
  return (
    <p class="notice silence-preview" role="status">
      Mutes {countText(names.length, 'alert')} now: {names.slice(0, NAMED_MAX).join(', ')}
      {beyond > 0 && ` and ${beyond} more`}
    </p>
  );
}

function usePreview(api: Api, text: string): Preview | null {
  const preview = useSignal<Preview | null>(null);
  useEffect(() => {
    let gone = false;
    const look = async (): Promise<void> => {
      const matchers = linesOf(text);
      if (matchers.length === 0) {
        preview.value = { names: [], problem: 'Name at least one label.' };
        return;
      }
      const answer = await api('POST', 'silences/preview', { matchers });
      if (gone) return;
      preview.value = isGood(answer)
        ? { names: listOf(answer.body, 'alerts').map(nameOf), problem: null }
        : { names: [], problem: problemSentence(answer) };
    };
    const timer = setTimeout(() => void look(), CHECK_DEBOUNCE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [api, text]);
  return preview.value;
}

function nameOf(alert: unknown): string {
  const { alertname = 'alert', severity: _, ...own } = recordFrom(recordFrom(alert)['labels']);
  return safeText(`${String(alertname)} (${keyText(JSON.stringify(own))})`, 80);
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
