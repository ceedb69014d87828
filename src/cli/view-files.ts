/** Views from files, for commands that ask no engine: each file is one query. */
import { readFile } from 'node:fs/promises';

/** Name → query; a text instead of them: what is wrong. */
export async function viewsFromFiles(
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>> | string> {
  const views: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) {
    try {
      views[name] = await readFile(file, 'utf8');
    } catch (error) {
      return `${file}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return views;
}
