/**
 * The query as things to click: stream, filters, what is shown, groups, window. It reads the text
 * and writes it, so the two never differ; every change runs at once.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import '../styles/builder.css';
import type { FieldView } from '../../src/coordinator/views.ts';
import type { Catalogue } from '../catalogue.ts';
import { fieldText } from '../examples.ts';
import type { Explore } from '../explore.ts';
import { safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { WINDOWS } from './builder-parts.ts';
import { editQuery } from './edit-query.ts';
import type { QueryEdit } from './edit-query.ts';
import { FilterForm, MeasureForm } from './part-forms.tsx';
import { readQuery } from './read-query.ts';
import type { BuiltPart, BuiltQuery } from './read-query.ts';

export interface BuilderProps {
  readonly explore: Explore;
  readonly catalogue: Catalogue;
}

type Adding = 'filter' | 'show' | 'group' | null;

export function Builder({ explore, catalogue }: BuilderProps): JSX.Element {
  const text = explore.text.value;
  const adding = useSignal<Adding>(null);
  const built = readQuery(text);
  const edit = (change: QueryEdit): void => {
    adding.value = null;
    const next = editQuery(explore.text.peek(), change);
    if (next !== null) explore.run(next);
  };
  if (built === null && text.trim() !== '') {
    return (
      <p class="builder-note">
        The builder goes on as soon as the text above reads as a query without mistakes.
      </p>
    );
  }
  const stream = catalogue.streams.value.find(({ name }) => name === built?.stream?.text);
  const fields = stream?.fields ?? [];
  return (
    <div class="builder" role="group" aria-label="Query builder">
      <StreamPart {...{ catalogue, built, edit }} />
      {built !== null && (
        <>
          <Part
            name="Where"
            parts={built.filters}
            onRemove={(index) => edit({ kind: 'remove-filter', index })}
          >
            <Add {...{ adding }} what="filter" title="Add a filter">
              <FilterForm
                {...{ fields }}
                onAdd={(condition) => edit({ kind: 'add-filter', condition })}
              />
            </Add>
          </Part>
          <Part
            name="Show"
            parts={built.shows}
            least={1}
            onRemove={(index) => edit({ kind: 'remove-show', index })}
          >
            <Add {...{ adding }} what="show" title="Show more">
              <MeasureForm {...{ fields }} onAdd={(column) => edit({ kind: 'add-show', column })} />
            </Add>
          </Part>
          <Part
            name="By"
            parts={built.groups}
            onRemove={(index) => edit({ kind: 'remove-group', index })}
          >
            <GroupChoice {...{ fields, built, edit }} />
          </Part>
          <WindowPart {...{ built, edit }} />
          {built.others.length > 0 && (
            <p class="builder-note">besides, in the text: {built.others.join(', ')}</p>
          )}
        </>
      )}
    </div>
  );
}

interface EditProps {
  readonly built: BuiltQuery;
  readonly edit: (change: QueryEdit) => void;
}

function StreamPart({
  catalogue,
  built,
  edit,
}: {
  catalogue: Catalogue;
  built: BuiltQuery | null;
  edit: EditProps['edit'];
}): JSX.Element {
  const known = catalogue.streams.value;
  const chosen = built?.stream?.text ?? '';
  const isKnown = known.some(({ name }) => name === chosen);
  const isOther = built !== null && built.stream === null;
  return (
    <div class="builder-part">
      <span class="builder-name">From</span>
      {isOther ? (
        <code class="builder-chip">{safeText(built.sources, 80)}</code>
      ) : (
        <select
          aria-label="Stream"
          value={chosen}
          onChange={(event) => edit({ kind: 'stream', name: event.currentTarget.value })}
        >
          {chosen === '' && <option value="">choose a stream</option>}
          {!isKnown && chosen !== '' && <option value={chosen}>{safeText(chosen, 60)}</option>}
          {known.map(({ name }) => (
            <option key={name} value={name}>
              {safeText(name, 60)}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

interface PartProps {
  readonly name: string;
  readonly parts: readonly BuiltPart[];
  /** So many must stay. */
  readonly least?: number;
  readonly onRemove: (index: number) => void;
  readonly children: ComponentChildren;
}

function Part({ name, parts, least = 0, onRemove, children }: PartProps): JSX.Element {
  return (
    <div class="builder-part">
      <span class="builder-name">{name}</span>
      {parts.map(({ text, span }, index) => (
        <span key={span.start} class="builder-chip">
          <bdi>{safeText(text, 60)}</bdi>
          {parts.length > least && (
            <button
              type="button"
              aria-label={`Remove ${safeText(text, 60)}`}
              onClick={() => onRemove(index)}
            >
              <Icon name="close" />
            </button>
          )}
        </span>
      ))}
      {children}
    </div>
  );
}

function Add({
  adding,
  what,
  title,
  children,
}: {
  adding: Signal<Adding>;
  what: Exclude<Adding, null>;
  title: string;
  children: ComponentChildren;
}): JSX.Element {
  const isOpen = adding.value === what;
  return (
    <>
      <button
        type="button"
        class="builder-add"
        aria-label={title}
        title={title}
        aria-expanded={isOpen}
        onClick={() => (adding.value = isOpen ? null : what)}
      >
        <Icon name={isOpen ? 'close' : 'plus'} />
      </button>
      {isOpen && children}
    </>
  );
}

function GroupChoice({
  fields,
  built,
  edit,
}: EditProps & { fields: readonly FieldView[] }): JSX.Element | null {
  const taken = new Set(built.groups.map(({ text }) => text));
  const free = fields.filter(({ name }) => !taken.has(fieldText(name)));
  if (free.length === 0) return null;
  return (
    <select
      class="builder-pick"
      aria-label="Group by"
      value=""
      onChange={(event) => {
        const { value } = event.currentTarget;
        if (value !== '') edit({ kind: 'add-group', key: fieldText(value) });
      }}
    >
      <option value="">+ field</option>
      {free.map(({ name }) => (
        <option key={name} value={name}>
          {safeText(name, 60)}
        </option>
      ))}
    </select>
  );
}

function WindowPart({ built, edit }: EditProps): JSX.Element {
  const { window } = built;
  const isOther = window !== null && !WINDOWS.includes(window);
  return (
    <div class="builder-part">
      <span class="builder-name">Every</span>
      <select
        aria-label="Window"
        value={window ?? ''}
        onChange={(event) => edit({ kind: 'window', window: event.currentTarget.value || null })}
      >
        <option value="">no window</option>
        {isOther && <option value={window}>{safeText(window, 30)}</option>}
        {WINDOWS.map((size) => (
          <option key={size} value={size}>
            {size}
          </option>
        ))}
      </select>
    </div>
  );
}
