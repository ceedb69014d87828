/** What a saved query may be called, how long it may be and how much may be said of it. */

import type { Config } from '../config.ts';
import { utf8Bytes } from '../wire/utf8.ts';

/** What FROM can say without back-quotes, so that every saved query can be a view. */
const NAME = /^[\p{L}_][\p{L}\p{Nd}_]*(?:[-.:][\p{L}\p{Nd}_]+)*$/u;
const NAME_LENGTH_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 2_000;

export interface NameFault {
  readonly field: 'name' | 'description' | 'text';
  readonly rule: string;
}

/** The text, too: whoever reads a view has it planned with its own query. */
export function savedNameFault(
  { name, description, text }: Named,
  { savedTextBytesMax }: Pick<Config, 'savedTextBytesMax'>,
): NameFault | null {
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX || name.startsWith('squilla.')) {
    const rule = `a letter, then letters, digits and _ - . : (at most ${NAME_LENGTH_MAX})`;
    return { field: 'name', rule: `A saved query's name is ${rule}, and not of squilla.*` };
  }
  if (description.length > DESCRIPTION_LENGTH_MAX) {
    const rule = `\`description\` has at most ${DESCRIPTION_LENGTH_MAX} characters.`;
    return { field: 'description', rule };
  }
  if (utf8Bytes(text) <= savedTextBytesMax) return null;
  const rule = `A saved query has at most ${savedTextBytesMax} bytes (savedTextBytesMax). `;
  return { field: 'text', rule: `${rule}Save a part of it, and read that in FROM.` };
}

interface Named {
  readonly name: string;
  readonly description: string;
  readonly text: string;
}
