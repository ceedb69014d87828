/** Shown instead of the page while the engine asks who we are. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

export function TokenGate({
  onToken,
}: {
  onToken: (token: string) => Promise<boolean>;
}): JSX.Element {
  const token = useSignal('');
  const refused = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    refused.value = !(await onToken(token.value.trim()));
  };
  return (
    <form class="card gate" onSubmit={(event) => void submit(event)}>
      <h2>This engine asks for a token</h2>
      <p>Open the link that it printed when it started, or paste a token that may read.</p>
      <label>
        Token
        <input
          type="password"
          autoComplete="off"
          value={token.value}
          onInput={(event) => (token.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary" disabled={token.value.trim() === ''}>
        Continue
      </button>
      {refused.value && (
        <p class="notice bad" role="alert">
          The engine does not know this token.
        </p>
      )}
    </form>
  );
}
