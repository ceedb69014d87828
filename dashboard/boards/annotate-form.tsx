/** Says that something happened, so that charts show it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api } from '../browser-host.ts';
import { FormDialog } from '../form-dialog.tsx';

export function AnnotateForm({ api, onClose }: { api: Api; onClose: () => void }): JSX.Element {
  const title = useSignal('');
  const tags = useSignal('');
  const submit = async (): Promise<string | null> => {
    const list = tags.value.split(/[\s,]+/).filter(Boolean);
    const answer = await api('POST', 'annotations', { title: title.value.trim(), tags: list });
    return isGood(answer) ? null : problemSentence(answer);
  };
  return (
    <FormDialog
      title="What happened just now?"
      action="Annotate"
      isReady={title.value.trim() !== ''}
      {...{ submit, onClose }}
    >
      <label>
        Title
        <input
          class="field-box"
          value={title.value}
          placeholder="deploy web 1.4.2"
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
        <small>
          Charts show it to everybody. Pipelines do the same with <code>squilla annotate</code>.
        </small>
      </label>
      <label>
        Tags
        <input
          class="field-box mono"
          value={tags.value}
          placeholder="deploy service:web"
          onInput={(event) => (tags.value = event.currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
