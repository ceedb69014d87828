/** What was dropped, by reason. Nothing is said in grey, something in the colour of loss. */
import type { JSX } from 'preact';
import { numberText, safeText } from '../format.ts';
import { lossWords } from '../loss-words.ts';

const REASONS_SHOWN = 3;

export function DropNote({ dropped }: { dropped: Readonly<Record<string, number>> }): JSX.Element {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  if (reasons.length === 0) return <span class="faint">nothing</span>;
  return (
    <span class="drops">
      {reasons.slice(0, REASONS_SHOWN).map(([reason, count]) => (
        <span key={reason} class="tag warn" title={lossWords(reason)?.detail}>
          {numberText(count)} {lossWords(reason)?.name ?? safeText(reason, 40)}
        </span>
      ))}
      {reasons.length > REASONS_SHOWN && ` and ${reasons.length - REASONS_SHOWN} reasons more`}
    </span>
  );
}
