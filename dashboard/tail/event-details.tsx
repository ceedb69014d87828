/** One event whole: its fields, each with what can be done with it, and its JSON. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Value } from '../../src/model/value.ts';
import { cellText, countText, dateText, numberText, safeLines, safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { FIELDS_SHOWN_MAX } from '../limits.ts';
import type { LoggedEvent } from './event-log.ts';
import type { Tail } from './tail.ts';
import { narrowedFilter } from './tail-queries.ts';

/** Lines of an event that are shown. */
const LINES_MAX = 1_000;

/** Characters of one value that are shown. */
const VALUE_TEXT_MAX = 2_000;

export interface EventDetailsProps {
  readonly tail: Tail;
  readonly entry: LoggedEvent;
}

export function EventDetails({ tail, entry }: EventDetailsProps): JSX.Element {
  const said = useSignal('');
  const { event, timeMs, oneIn } = entry;
  const fields = Object.entries(event);
  const json = JSON.stringify(event, null, 2);
  return (
    <aside class="tail-details card" aria-label="Event">
      <header>
        <h2>{timeMs === null ? 'Event' : dateText(timeMs)}</h2>
        {oneIn > 1 && <span class="tag">stands for {numberText(oneIn)}</span>}
        <button
          type="button"
          class="icon-button"
          aria-label="Copy as JSON"
          title="Copy as JSON"
          onClick={() => void copy(json).then((done) => (said.value = done ? 'Copied' : 'No'))}
        >
          <Icon name={said.value === 'Copied' ? 'check' : 'copy'} />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="Close the event"
          title="Close (Esc)"
          onClick={() => (tail.selected.value = null)}
        >
          <Icon name="close" />
        </button>
      </header>
      <span class="sr-only" role="status">
        {said.value}
      </span>
      <ul class="tail-fields">
        {fields.slice(0, FIELDS_SHOWN_MAX).map(([name, value]) => (
          <Field key={name} {...{ tail, name, value: value ?? null }} />
        ))}
      </ul>
      {fields.length > FIELDS_SHOWN_MAX && (
        <p class="panel-note">
          {countText(fields.length - FIELDS_SHOWN_MAX, 'more field')} in the JSON.
        </p>
      )}
      <h3>JSON</h3>
      <pre class="event-json mono" tabIndex={0} aria-label="JSON of the event">
        {safeLines(json, LINES_MAX)}
      </pre>
    </aside>
  );
}

interface FieldProps {
  readonly tail: Tail;
  readonly name: string;
  readonly value: Value;
}

function Field({ tail, name, value }: FieldProps): JSX.Element {
  const isColumn = tail.columns.value.includes(name);
  const shown = safeText(name, 40);
  const question = tail.question.peek();
  const narrow = (has: boolean) => (): void => {
    const filter = narrowedFilter(question.filter, { field: name, value, has });
    if (filter !== null) void tail.ask({ ...question, filter });
  };
  const canNarrow = narrowedFilter('', { field: name, value, has: true }) !== null;
  return (
    <li>
      <bdi class="tail-field-name" title={safeText(name)}>
        {shown}
      </bdi>
      <bdi class="tail-field-value mono">{valueOf(value, name)}</bdi>
      <span class="tail-field-actions">
        <button
          type="button"
          aria-pressed={isColumn}
          aria-label={`Column ${shown}`}
          title={isColumn ? 'Remove the column' : 'Show as a column'}
          onClick={() => tail.toggleColumn(name)}
        >
          <Icon name="columns" />
        </button>
        <button
          type="button"
          disabled={!canNarrow}
          aria-label={`Only ${shown} with this value`}
          title="Only events with this value"
          onClick={narrow(true)}
        >
          =
        </button>
        <button
          type="button"
          disabled={!canNarrow}
          aria-label={`Not ${shown} with this value`}
          title="Not events with this value"
          onClick={narrow(false)}
        >
          ≠
        </button>
      </span>
    </li>
  );
}

function valueOf(value: Value, name: string): string {
  return typeof value === 'string' ? safeText(value, VALUE_TEXT_MAX) : cellText(value, name);
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
