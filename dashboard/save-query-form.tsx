/** Gives a query a name, under which others and the command line find it. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from './api-problem.ts';
import type { Api } from './browser-host.ts';
import { recordFrom } from './catalogue.ts';
import { Modal } from './modal.tsx';

export interface SaveQueryProps {
  readonly api: Api;
  readonly text: string;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function SaveQueryForm({ api, text, onClose, onSaved }: SaveQueryProps): JSX.Element {
  const name = useSignal('');
  const description = useSignal('');
  const refused = useSignal<string | null>(null);
  /** Version of a query that has the name; saving once more changes it. */
  const taken = useSignal<number | null>(null);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const path = `saved-queries/${encodeURIComponent(name.value.trim())}`;
    const headers: Record<string, string> =
      taken.value === null ? {} : { 'if-match': `"${taken.value}"` };
    const body = { text, description: description.value.trim(), params: {} };
    const answer = await api('PUT', path, body, headers);
    if (isGood(answer)) {
      onSaved();
      onClose();
      return;
    }
    const version = recordFrom(answer.body)['version'];
    taken.value = answer.status === 412 && typeof version === 'number' ? version : null;
    refused.value =
      taken.value === null
        ? problemSentence(answer)
        : 'A query has this name already. Save again to change it, or choose another name.';
  };
  return (
    <Modal label="Save the query" onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <header class="modal-head">
          <h2>Save the query</h2>
        </header>
        <div class="form">
          <label>
            Name
            <input
              class="field-box mono"
              value={name.value}
              placeholder="starts_by_region"
              onInput={(event) => {
                name.value = event.currentTarget.value;
                taken.value = null;
              }}
            />
            <small>
              Letters, digits, <code>_</code>; other queries can read it with <code>FROM</code>.
            </small>
          </label>
          <PurposeField description={description} />
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
          <button type="submit" class="button primary" disabled={name.value.trim() === ''}>
            {taken.value === null ? 'Save' : 'Change it'}
          </button>
        </footer>
      </form>
    </Modal>
  );
}

function PurposeField({ description }: { description: Signal<string> }): JSX.Element {
  return (
    <label>
      What it is for
      <input
        class="field-box"
        value={description.value}
        onInput={(event) => (description.value = event.currentTarget.value)}
      />
    </label>
  );
}
