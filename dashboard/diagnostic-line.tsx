/** The mistake at the caret, else the first: what is wrong, what to do, and buttons that do it. */
import type { ComponentChildren, JSX } from 'preact';
import type { Diagnostic } from '../grammar/diagnostic.ts';
import type { Explore } from './explore.ts';
import { safeText } from './format.ts';
import { MarkedText } from './marked-text.tsx';

/** Fix-its offered at once. */
const FIXES_SHOWN_MAX = 3;

export interface DiagnosticLineProps {
  readonly explore: Explore;
  /** Shown while there is no mistake. */
  readonly otherwise?: ComponentChildren;
}

export function DiagnosticLine({ explore, otherwise }: DiagnosticLineProps): JSX.Element {
  const list = explore.diagnostics.value;
  const shown = atCaret(list, explore.caret.value);
  if (shown === null) {
    return <div class="diagnostic">{otherwise}</div>;
  }
  const { severity, message, hint, span, fixes = [] } = shown;
  return (
    <div class={`diagnostic ${severity}`} role="status" aria-live="polite">
      <p>
        <span class="diagnostic-place">
          {span.line}:{span.column}
        </span>
        <span class="diagnostic-message">
          <MarkedText text={message} />
        </span>
        {hint !== undefined && (
          <span class="diagnostic-hint">
            <MarkedText text={hint} />
          </span>
        )}
      </p>
      {fixes.slice(0, FIXES_SHOWN_MAX).map((fix) => (
        <button
          key={fix.title}
          type="button"
          class="fix"
          onClick={() => explore.replace(fix.span, fix.text)}
        >
          {safeText(fix.title, 80)}
        </button>
      ))}
      {list.length > 1 && <span class="diagnostic-more">{list.length} in all</span>}
    </div>
  );
}

function atCaret(list: readonly Diagnostic[], caret: number): Diagnostic | null {
  const under = list.find(({ span }) => span.start <= caret && caret <= span.end);
  return under ?? list.find(({ severity }) => severity === 'error') ?? list[0] ?? null;
}
