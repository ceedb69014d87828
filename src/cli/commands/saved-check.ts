/** `squilla saved check …`: files of saved queries, before an engine reads them. */
import type { QueryFileMistake } from '../../store/query-file.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../paint.ts';
import { readSavedFiles } from '../saved-files.ts';
import type { SavedFiles } from '../saved-files.ts';

/** Exit code 1 with a mistake. */
export function savedCheckCommand(paths: readonly string[], context: CliContext): number {
  let read: SavedFiles;
  try {
    read = readSavedFiles(paths);
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  printSavedMistakes(read.mistakes, context);
  const wrong = read.mistakes.filter(({ severity }) => severity === 'error').length;
  const { count } = read;
  context.out(`${count} saved ${count === 1 ? 'query' : 'queries'}, ${wrong} mistakes\n`);
  return wrong === 0 ? 0 : 1;
}

export function printSavedMistakes(
  mistakes: readonly QueryFileMistake[],
  context: CliContext,
): void {
  for (const { column, file, line, message, severity } of mistakes) {
    context.err(`${severity}: ${printable(`${file}:${line}:${column}: ${message}`)}\n`);
  }
}
