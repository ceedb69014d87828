/** A new table: rows that are pasted, or an address that they are fetched from again and again. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api, ApiAnswer } from '../browser-host.ts';
import { Modal } from '../modal.tsx';

export interface TableFormProps {
  readonly api: Api;
  readonly onClose: () => void;
  readonly onPut: () => void;
}

export function TableForm({ api, onClose, onPut }: TableFormProps): JSX.Element {
  const name = useSignal('');
  const url = useSignal('');
  const csv = useSignal('');
  const refused = useSignal<string | null>(null);
  const isFetched = url.value.trim() !== '';
  const put = async (event: Event): Promise<void> => {
    event.preventDefault();
    const path = `tables/${encodeURIComponent(name.value.trim())}`;
    const answer: ApiAnswer = isFetched
      ? await api('PUT', `${path}/source`, { url: url.value.trim() })
      : await api('PUT', path, csv.value, { 'content-type': 'text/csv' });
    if (isGood(answer)) {
      onPut();
      onClose();
    } else refused.value = problemSentence(answer);
  };
  const isReady = name.value.trim() !== '' && (isFetched || csv.value.trim() !== '');
  return (
    <Modal label="Add a table" onClose={onClose}>
      <form onSubmit={(event) => void put(event)}>
        <header class="modal-head">
          <h2>Add a table</h2>
        </header>
        <div class="form">
          <Fields {...{ name, url, csv }} />
          {refused.value !== null && (
            <p class="notice warn" role="alert">
              {refused.value}
            </p>
          )}
        </div>
        <footer class="modal-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={!isReady}>
            Put
          </button>
        </footer>
      </form>
    </Modal>
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
