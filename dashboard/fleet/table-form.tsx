/** A new table: rows that are pasted, or an address that they are fetched from again and again. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api, ApiAnswer } from '../browser-host.ts';
import { FormDialog } from '../form-dialog.tsx';

export interface TableFormProps {
  readonly api: Api;
  readonly onClose: () => void;
  readonly onPut: () => void;
}

export function TableForm({ api, onClose, onPut }: TableFormProps): JSX.Element {
  const name = useSignal('');
  const url = useSignal('');
  const csv = useSignal('');
  const isFetched = url.value.trim() !== '';
  const submit = async (): Promise<string | null> => {
    const path = `tables/${encodeURIComponent(name.value.trim())}`;
    const answer: ApiAnswer = isFetched
      ? await api('PUT', `${path}/source`, { url: url.value.trim() })
      : await api('PUT', path, csv.value, { 'content-type': 'text/csv' });
    if (!isGood(answer)) return problemSentence(answer);
    onPut();
    return null;
  };
  const isReady = name.value.trim() !== '' && (isFetched || csv.value.trim() !== '');
  return (
    <FormDialog title="Add a table" action="Put" isReady={isReady} {...{ submit, onClose }}>
      <Fields {...{ name, url, csv }} />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly name: Signal<string>;
  readonly url: Signal<string>;
  readonly csv: Signal<string>;
}

function Fields({ name, url, csv }: FieldsProps): JSX.Element {
  return (
    <>
      <label>
        Name
        <input
          class="field-box mono"
          value={name.value}
          placeholder="titles"
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
        <small>A name that is there gets the new rows, all at once.</small>
      </label>
      <label>
        Address of CSV, JSON or NDJSON
        <input
          class="field-box mono"
          value={url.value}
          placeholder="https://…"
          onInput={(event) => (url.value = event.currentTarget.value)}
        />
        <small>Fetched again and again; the last good rows serve while it fails.</small>
      </label>
      <label>
        Or rows, as CSV
        <textarea
          class="field-box mono"
          rows={6}
          disabled={url.value.trim() !== ''}
          value={csv.value}
          placeholder={'title,studio\nKelp,North'}
          onInput={(event) => (csv.value = event.currentTarget.value)}
        />
        <small>The first column is the key.</small>
      </label>
    </>
  );
}
