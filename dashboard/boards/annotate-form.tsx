/** Says that something happened, so that charts show it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api } from '../browser-host.ts';
import { Modal } from '../modal.tsx';

export function AnnotateForm({ api, onClose }: { api: Api; onClose: () => void }): JSX.Element {
  const title = useSignal('');
  const tags = useSignal('');
  const refused = useSignal<string | null>(null);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const list = tags.value.split(/[\s,]+/).filter(Boolean);
    const answer = await api('POST', 'annotations', { title: title.value.trim(), tags: list });
    if (isGood(answer)) onClose();
    else refused.value = problemSentence(answer);
  };
  return (
    <Modal label="Annotate" onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <header class="modal-head">
          <h2>What happened just now?</h2>
        </header>
        <div class="form">
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
          <button type="submit" class="button primary" disabled={title.value.trim() === ''}>
            Annotate
          </button>
        </footer>
      </form>
    </Modal>
  );
}
