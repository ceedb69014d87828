/**
 * A file of events for a backtest: NDJSON, the stream they belong to, the field with their time.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { safeText } from '../format.ts';

export interface EventsFile {
  readonly stream: string;
  readonly time: string;
  readonly ndjson: string;
}

/** What the engine takes, see `backtestBytesMax`; larger files are for the command. */
const BYTES_MAX = 30 * 1024 * 1024;

export function EventsForm({ file }: { file: Signal<EventsFile | null> }): JSX.Element {
  const stream = useSignal('');
  const time = useSignal('ts');
  const chosen = useSignal<File | null>(null);
  const problem = useSignal<string | null>(null);
  const read = async (): Promise<void> => {
    const source = chosen.peek();
    if (source === null) return;
    if (source.size > BYTES_MAX) {
      problem.value = 'The file is too large for the page: use `squilla rules backtest --data`.';
      return;
    }
    problem.value = null;
    file.value = { stream: stream.peek(), time: time.peek(), ndjson: await source.text() };
  };
  return (
    <form
      class="backtest-events"
      onSubmit={(event) => {
        event.preventDefault();
        void read();
      }}
    >
      <label>
        Events (NDJSON, in order of time)
        <input
          type="file"
          accept=".ndjson,.jsonl,.json,.log,.txt"
          required
          onChange={(event) => (chosen.value = event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      <label>
        Stream
        <input
          required
          placeholder="plays"
          value={stream.value}
          onInput={(event) => (stream.value = event.currentTarget.value)}
        />
      </label>
      <label>
        Field with the time
        <input
          required
          value={time.value}
          onInput={(event) => (time.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        Run
      </button>
      {problem.value !== null && <p class="notice bad">{safeText(problem.value, 200)}</p>}
    </form>
  );
}
