/** Functions that keep personal data from leaving the agent. Null stays null. */
import { textOf } from '../../model/value-text.ts';
import { mismatch } from './contract.ts';
import type { FixedFunction } from './contract.ts';
import { codePointCount, sliceCodePoints } from './text.ts';

export const REDACTED = '[redacted]';
const KEPT_DEFAULT = 4;

export const PRIVACY_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  redact: (_counters, x) => (x === null ? null : REDACTED),
  mask: (counters, x, keep = KEPT_DEFAULT) => {
    const text = textOf(x);
    if (text === null) return null;
    if (typeof keep !== 'number' || keep < 0) return mismatch(counters);
    const length = codePointCount(text);
    const hidden = Math.max(0, length - Math.trunc(keep));
    return '*'.repeat(hidden) + sliceCodePoints(text, hidden, length);
  },
};
