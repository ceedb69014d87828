/** Puts another threshold into the text of a rule, which may have changed since. Pure. */
import type { Threshold } from '../../src/alert/rule-variants.ts';

/**
 * The text with `value` in the place of the threshold; null: `when` does not stand in one line, so
 * that its place cannot be told.
 */
export function withThreshold(text: string, threshold: Threshold, value: number): string | null {
  const found = /^([ \t]*(?:-[ \t]+)?when:[ \t]*)(['"]?)(.*)$/mu.exec(text);
  if (found === null) return null;
  const [line, head = '', quote = '', condition = ''] = found;
  if (/^[|>]/u.test(condition)) return null;
  // It may be another number by now than the one that was judged, and longer or shorter.
  const number = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iu.exec(condition.slice(threshold.start))?.[0];
  if (number === undefined) return null;
  const end = threshold.start + number.length;
  const changed = condition.slice(0, threshold.start) + String(value) + condition.slice(end);
  return text.replace(line, () => head + quote + changed);
}
