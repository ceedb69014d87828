/** Fenced pieces of a document, for tests that run what it shows. */
import { readText } from '../../scripts/source-files.ts';

/** The first piece of that language which has `word` in it. @throws Error if there is none. */
export function fenceWith(path: string, language: string, word: string): string {
  const fences = readText(path).matchAll(
    new RegExp(`^\`\`\`${language}(?: .*)?\n([\\s\\S]*?)^\`\`\`$`, 'gm'),
  );
  for (const [, text = ''] of fences) if (text.includes(word)) return text;
  throw new Error(`${path} shows no ${language} with ${word}`);
}
