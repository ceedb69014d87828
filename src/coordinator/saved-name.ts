/** What a saved query may be called and how much may be said of it. */

/** What FROM can say without back-quotes, so that every saved query can be a view. */
const NAME = /^[\p{L}_][\p{L}\p{Nd}_]*(?:[-.:][\p{L}\p{Nd}_]+)*$/u;
const NAME_LENGTH_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 2_000;

export interface NameFault {
  readonly field: 'name' | 'description';
  readonly rule: string;
}

export function savedNameFault(query: {
  readonly name: string;
  readonly description: string;
}): NameFault | null {
  const { name, description } = query;
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX || name.startsWith('squilla.')) {
    const rule = `a letter, then letters, digits and _ - . : (at most ${NAME_LENGTH_MAX})`;
    return { field: 'name', rule: `A saved query's name is ${rule}, and not of squilla.*` };
  }
  if (description.length <= DESCRIPTION_LENGTH_MAX) return null;
  const rule = `\`description\` has at most ${DESCRIPTION_LENGTH_MAX} characters.`;
  return { field: 'description', rule };
}
