/** Gives a query a name, under which others and the command line find it. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from './api-problem.ts';
import type { Api } from './browser-host.ts';
import { recordFrom } from './catalogue.ts';
import { FormDialog } from './form-dialog.tsx';

export interface SaveQueryProps {
  readonly api: Api;
  readonly text: string;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function SaveQueryForm({ api, text, onClose, onSaved }: SaveQueryProps): JSX.Element {
  const name = useSignal('');
  const description = useSignal('');
  /** Version of a query that has the name; saving once more changes it. */
  const taken = useSignal<number | null>(null);
  const submit = async (): Promise<string | null> => {
    const path = `saved-queries/${encodeURIComponent(name.value.trim())}`;
    const headers: Record<string, string> =
      taken.value === null ? {} : { 'if-match': `"${taken.value}"` };
    const body = { text, description: description.value.trim(), params: {} };
    const answer = await api('PUT', path, body, headers);
    if (isGood(answer)) {
      onSaved();
      return null;
    }
    const version = recordFrom(answer.body)['version'];
    taken.value = answer.status === 412 && typeof version === 'number' ? version : null;
    return taken.value === null
      ? problemSentence(answer)
      : 'A query has this name already. Save again to change it, or choose another name.';
  };
  return (
    <FormDialog
      title="Save the query"
      action={taken.value === null ? 'Save' : 'Change it'}
      isReady={name.value.trim() !== ''}
      {...{ submit, onClose }}
    >
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
    </FormDialog>
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
