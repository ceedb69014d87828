/** A component whose code comes when it is first shown. */
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';

export function lazyComponent<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
): FunctionComponent<P> {
  const loaded = signal<FunctionComponent<P> | null>(null);
  const failed = signal(false);
  let asked = false;
  const ask = (): void => {
    asked = true;
    failed.value = false;
    load().then(
      (component) => {
        loaded.value = component;
        return undefined;
      },
      () => {
        failed.value = true;
      },
    );
  };
  return (props) => {
    if (!asked) ask();
    const Loaded = loaded.value;
    if (Loaded !== null) return <Loaded {...props} />;
    if (!failed.value) return <div class="loading" role="status" aria-label="Loading" />;
    return (
      <div class="card empty" role="alert">
        <p class="empty-title">This part of the page did not come</p>
        <p>The engine may have been stopped or updated meanwhile.</p>
        <button type="button" class="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    );
  };
}
