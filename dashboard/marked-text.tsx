/** Sentences from the engine: bounded and stripped, with what stands in backticks set as code. */
import type { JSX } from 'preact';
import { safeText } from './format.ts';

export function MarkedText({ text, max = 300 }: { text: string; max?: number }): JSX.Element {
  const parts = safeText(text, max).split('`');
  return <>{parts.map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>;
}
