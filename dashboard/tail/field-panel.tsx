/** The fields of a stream's events; a click makes one a column, or takes it away again. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { FieldView } from '../../src/coordinator/views.ts';
import type { Dashboard } from '../dashboard.ts';
import type { Drawn } from '../explore.ts';
import { cellText, safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { FIELDS_SHOWN_MAX } from '../limits.ts';
import type { Tail } from './tail.ts';
import { narrowedFilter } from './tail-queries.ts';

export interface FieldPanelProps extends Drawn {
  readonly dashboard: Dashboard;
  readonly tail: Tail;
}

/** Values of a field that are offered. */
const VALUES_SHOWN_MAX = 5;

export function FieldPanel({ dashboard, tail }: FieldPanelProps): JSX.Element {
  const wanted = useSignal('');
  const { stream } = tail.question.value;
  const known = dashboard.catalogue.streams.value.find(({ name }) => name === stream);
  const fields = fieldsOf(known?.fields ?? [], tail.fields);
  const text = wanted.value.trim().toLowerCase();
  const shown = fields.filter(({ name }) => name.toLowerCase().includes(text));
  return (
    <div class="tail-field-panel">
      <div class="panel-head">
        <h2>Fields</h2>
        <span class="count">{fields.length === 0 ? '' : fields.length}</span>
        {tail.columns.value.length > 0 && (
          <button type="button" class="link" onClick={() => (tail.columns.value = [])}>
            no columns
          </button>
        )}
      </div>
      {fields.length > 8 && (
        <input
          class="search"
          type="search"
          aria-label="Find a field"
          placeholder="Find a field"
          value={wanted.value}
          onInput={(event) => (wanted.value = event.currentTarget.value)}
        />
      )}
      <ul class="stream-list tail-field-list">
        {shown.slice(0, FIELDS_SHOWN_MAX).map((field) => (
          <Field key={field.name} {...{ field, tail }} />
        ))}
      </ul>
      {fields.length === 0 && (
        <p class="panel-note">
          {stream === '' ? 'Choose a stream first.' : 'Fields appear once events were seen.'}
        </p>
      )}
    </div>
  );
}

function Field({ field, tail }: { field: FieldView; tail: Tail }): JSX.Element {
  const { name, type, values } = field;
  const isColumn = tail.columns.value.includes(name);
  const open = useSignal(false);
  const scalars = values.slice(0, VALUES_SHOWN_MAX);
  const only = (value: unknown): void => {
    const question = tail.question.peek();
    const filter = narrowedFilter(question.filter, { field: name, value, has: true });
    if (filter !== null) void tail.ask({ ...question, filter });
  };
  return (
    <li>
      <div class="tail-field">
        <button
          type="button"
          class="field"
          aria-pressed={isColumn}
          title={`${isColumn ? 'Remove' : 'Add'} the column ${safeText(name)}`}
          onClick={() => tail.toggleColumn(name)}
        >
          <span class={isColumn ? 'check on' : 'check'}>{isColumn && <Icon name="check" />}</span>
          <bdi>{safeText(name, 60)}</bdi>
          <span class="field-type">{safeText(type, 12)}</span>
        </button>
        {scalars.length > 0 && type !== 'number' && (
          <button
            type="button"
            class="icon-button tail-values-button"
            aria-expanded={open.value}
            aria-label={`Values of ${safeText(name, 60)}`}
            onClick={() => (open.value = !open.value)}
          >
            <span class={open.value ? 'chevron open' : 'chevron'}>
              <Icon name="chevron" />
            </span>
          </button>
        )}
      </div>
      {open.value && (
        <ul class="tail-values">
          {scalars.map((value) => (
            <li key={String(value)}>
              <button type="button" title="Only events with this value" onClick={() => only(value)}>
                <bdi>{safeText(cellText(value, name), 60)}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Those that the engine knows, then those that only the events here had. */
function fieldsOf(known: readonly FieldView[], seen: ReadonlySet<string>): readonly FieldView[] {
  const names = new Set(known.map(({ name }) => name));
  const found = [...seen].filter((name) => !names.has(name));
  return [...known, ...found.map((name): FieldView => ({ name, type: '', values: [] }))];
}
