/**
 * The port through which the analyzer asks whether a regular expression can run. The default asks
 * the engine itself, so that what passes here compiles everywhere else.
 */
import { compileRegex } from '../expr/regex.ts';
import type { RegexError } from '../expr/regex.ts';

/** What is wrong with a pattern and where in it; null: it can run. */
export type PatternCheck = (pattern: string) => RegexError | null;

export const checkWithEngine: PatternCheck = (pattern) => {
  const regex = compileRegex(pattern);
  return regex.ok ? null : regex.error;
};
