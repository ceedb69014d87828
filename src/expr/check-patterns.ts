/**
 * The part of checking an untrusted expression that needs the regex engine; the rest is
 * `ir/validate.ts`, which is given {@link patternProblem}.
 */
import { compileRegex } from './regex.ts';

/** What is wrong with a regular expression; null if nothing is. */
export function patternProblem(pattern: string): string | null {
  const regex = compileRegex(pattern);
  return regex.ok ? null : `${regex.error.message} at ${regex.error.position}`;
}
