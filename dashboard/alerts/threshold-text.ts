/** Puts another threshold into the text of a rule. Pure. */
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
  const before = condition.slice(threshold.start, threshold.end);
  if (Number(before) !== threshold.value) return null;
  const changed =
    condition.slice(0, threshold.start) + String(value) + condition.slice(threshold.end);
  return text.replace(line, () => head + quote + changed);
}
