/**
 * Lets this thread run regular expressions on V8's own engine where it is linear: several times
 * faster than re2js, which still decides what a pattern may be. The flags are V8's and
 * experimental, so they are set once, in the main thread, before the first pattern is compiled;
 * every thread then gives its own permission.
 */
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { allowNativeRegex, NATIVE_REGEX_FLAGS } from '../expr/regex.ts';

export function useNativeRegex(): void {
  if (isMainThread) for (const flag of NATIVE_REGEX_FLAGS) setFlagsFromString(flag);
  allowNativeRegex(true);
}
