/**
 * A dialog with a form: what it asks, why it was refused, and two buttons. What the form does is
 * given; it is done once at a time, however often somebody presses the button.
 */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { Modal } from './modal.tsx';

export interface FormDialogProps {
  readonly title: string;
  readonly classes?: string;
  /** On the button that does it. */
  readonly action: string;
  readonly isReady: boolean;
  /** Null: it is done, and the dialog closes; a sentence: why not. */
  readonly submit: () => Promise<string | null> | string | null;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function FormDialog(props: FormDialogProps): JSX.Element {
  const { title, classes = '', action, isReady, submit, onClose, children } = props;
  const refused = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy.peek()) return;
    isBusy.value = true;
    refused.value = await submit();
    isBusy.value = false;
    if (refused.value === null) onClose();
  };
  return (
    <Modal label={title} classes={classes} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <header class="modal-head">
          <h2>{title}</h2>
        </header>
        <div class="form">
          {children}
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
          <button type="submit" class="button primary" disabled={!isReady || isBusy.value}>
            {action}
          </button>
        </footer>
      </form>
    </Modal>
  );
}
