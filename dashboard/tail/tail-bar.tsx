/** What a tail asks: the stream, the condition, and whether the list moves. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { hasErrors } from '../../grammar/diagnostic.ts';
import type { Dashboard } from '../dashboard.ts';
import { safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { CHECK_DEBOUNCE_MS } from '../limits.ts';
import { MarkedText } from '../marked-text.tsx';
import type { Tail } from './tail.ts';

/** Replacements offered at once. */
const FIXES_SHOWN_MAX = 2;

export function TailBar({ dashboard, tail }: { dashboard: Dashboard; tail: Tail }): JSX.Element {
  const streams = dashboard.catalogue.streams.value;
  const { stream } = tail.question.value;
  const names = streams.map(({ name }) => name);
  const isPaused = tail.paused.value !== null;
  const choose = (name: string): void => {
    tail.columns.value = [];
    void tail.ask({ stream: name, filter: '' });
  };
  return (
    <section class="card tail-bar" aria-label="What is shown">
      <select
        class="tail-stream"
        aria-label="Stream"
        value={stream}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {stream === '' && <option value="">choose a stream</option>}
        {(names.includes(stream) || stream === '' ? names : [stream, ...names]).map((name) => (
          <option key={name} value={name}>
            {safeText(name, 60)}
          </option>
        ))}
      </select>
      <Filter tail={tail} />
      <button
        type="button"
        class="button"
        aria-pressed={isPaused}
        disabled={stream === ''}
        title="Space"
        onClick={() => (isPaused ? tail.resume() : tail.pause())}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />
        {isPaused ? 'Go on' : 'Pause'}
      </button>
      <Mistakes tail={tail} />
    </section>
  );
}

function Filter({ tail }: { tail: Tail }): JSX.Element {
  const { stream, filter } = tail.question.value;
  const draft = tail.draft.value;
  const asking = useSignal(false);
  useEffect(() => {
    if (stream === '' || draft === filter) return undefined;
    const question = { stream, filter: draft };
    const timer = setTimeout(() => void tail.check(question), CHECK_DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [draft, stream, filter]);
  const ask = async (): Promise<void> => {
    asking.value = true;
    await tail.ask({ stream, filter: tail.draft.peek().trim() });
    asking.value = false;
  };
  return (
    <form
      class="tail-filter"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <label for="tail-where">where</label>
      <input
        id="tail-where"
        class="mono"
        spellcheck={false}
        autocomplete="off"
        aria-invalid={hasErrors(tail.mistakes.value)}
        aria-describedby="tail-mistakes"
        placeholder="every event; e.g. region = 'eu-west' and latency > 800"
        disabled={stream === ''}
        value={draft}
        onInput={(event) => (tail.draft.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          tail.draft.value = filter;
          tail.mistakes.value = [];
          event.currentTarget.blur();
        }}
      />
      {draft.trim() !== filter.trim() && (
        <button type="submit" class="button primary" disabled={asking.value}>
          Apply <kbd>↵</kbd>
        </button>
      )}
    </form>
  );
}

function Mistakes({ tail }: { tail: Tail }): JSX.Element {
  const [first] = tail.mistakes.value;
  const fix = (span: { readonly start: number; readonly end: number }, text: string): void => {
    const draft = tail.draft.peek();
    tail.draft.value = draft.slice(0, span.start) + text + draft.slice(span.end);
  };
  return (
    <div
      id="tail-mistakes"
      class={`tail-mistakes ${first?.severity ?? ''}`}
      role="status"
      aria-live="polite"
    >
      {first !== undefined && (
        <>
          <span class="diagnostic-place">{first.span.column}</span>
          <span>
            <MarkedText text={first.message} />
            {first.hint !== undefined && (
              <>
                {' · '}
                <MarkedText text={first.hint} />
              </>
            )}
          </span>
          {(first.fixes ?? []).slice(0, FIXES_SHOWN_MAX).map(({ title, span, text }) => (
            <button key={title} type="button" class="fix" onClick={() => fix(span, text)}>
              {safeText(title, 80)}
            </button>
          ))}
        </>
      )}
    </div>
  );
}
