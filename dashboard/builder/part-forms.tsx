/** Forms that write one filter or one column; values that a field was seen to have are offered. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { FieldView } from '../../src/coordinator/views.ts';
import { safeText } from '../format.ts';
import { conditionText, measureText, MEASURES, OPERATORS } from './builder-parts.ts';

interface FormProps {
  readonly fields: readonly FieldView[];
  /** What was written, as it stands in a query. */
  readonly onAdd: (text: string) => void;
}

export function FilterForm({ fields, onAdd }: FormProps): JSX.Element {
  const name = useSignal(fields[0]?.name ?? '');
  const operator = useSignal(OPERATORS[0]?.text ?? '');
  const value = useSignal('');
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const field = fields.find((one) => one.name === name.value);
  const chosen = OPERATORS.find(({ text }) => text === operator.value);
  if (field === undefined || chosen === undefined) {
    return <span class="builder-note">Fields appear once events were seen.</span>;
  }
  return (
    <form
      class="builder-form"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(conditionText(field, chosen, value.value));
      }}
    >
      <select
        ref={first}
        aria-label="Field"
        value={name.value}
        onChange={(event) => (name.value = event.currentTarget.value)}
      >
        {fields.map((one) => (
          <option key={one.name} value={one.name}>
            {safeText(one.name, 60)}
          </option>
        ))}
      </select>
      <select
        aria-label="Comparison"
        value={operator.value}
        onChange={(event) => (operator.value = event.currentTarget.value)}
      >
        {OPERATORS.map(({ text, title }) => (
          <option key={text} value={text}>
            {title}
          </option>
        ))}
      </select>
      {chosen.compares && (
        <input
          aria-label="Value"
          list="builder-values"
          value={value.value}
          onInput={(event) => (value.value = event.currentTarget.value)}
        />
      )}
      <datalist id="builder-values">
        {field.values.map((one) => (
          <option key={String(one)} value={String(one)} />
        ))}
      </datalist>
      <button
        type="submit"
        class="button"
        disabled={chosen.compares && value.value === '' && field.type !== 'string'}
      >
        Add
      </button>
    </form>
  );
}

export function MeasureForm({ fields, onAdd }: FormProps): JSX.Element {
  const name = useSignal('count');
  const of = useSignal('');
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const measure = MEASURES.find((one) => one.name === name.value);
  const fit = fields.filter(({ type }) => measure?.of === 'any' || type === 'number');
  const field = fit.find((one) => one.name === of.value)?.name ?? fit[0]?.name ?? '';
  if (measure === undefined) return <span />;
  const wantsField = measure.of !== null;
  return (
    <form
      class="builder-form"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(measureText(measure, field));
      }}
    >
      <select
        ref={first}
        aria-label="Measure"
        value={name.value}
        onChange={(event) => (name.value = event.currentTarget.value)}
      >
        {MEASURES.map((one) => (
          <option key={one.name} value={one.name}>
            {one.title}
          </option>
        ))}
      </select>
      {wantsField && (
        <select
          aria-label="Of field"
          value={field}
          onChange={(event) => (of.value = event.currentTarget.value)}
        >
          {fit.map((one) => (
            <option key={one.name} value={one.name}>
              {safeText(one.name, 60)}
            </option>
          ))}
        </select>
      )}
      <button type="submit" class="button" disabled={wantsField && field === ''}>
        Add
      </button>
    </form>
  );
}
