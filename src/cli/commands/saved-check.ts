/** `squilla saved check …`: files of saved queries, before an engine reads them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULTS } from '../../config.ts';
import { FiledQueries } from '../../coordinator/filed-queries.ts';
import { SavedDesk } from '../../coordinator/saved-desk.ts';
import { QUERY_FILE, readQueryFile } from '../../store/query-file.ts';
import type { FileDefinition, QueryFileMistake } from '../../store/query-file.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../paint.ts';

/** Exit code 1 with a mistake. What an engine would know of streams is not known here. */
export function savedCheckCommand(paths: readonly string[], context: CliContext): number {
  const definitions: FileDefinition[] = [];
  const mistakes: QueryFileMistake[] = [];
  try {
    for (const path of paths.flatMap(filesOf)) {
      const read = readQueryFile(basename(path), readFileSync(path, 'utf8'));
      definitions.push(...read.definitions);
      mistakes.push(...read.mistakes);
    }
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const saved = new FiledQueries({
    names: () => [],
    get: () => undefined,
    all: () => [],
    put: () => undefined,
    remove: () => undefined,
  });
  const catalogue = () => ({ streams: () => [], fields: () => [] });
  const desk = new SavedDesk({ saved, config: DEFAULTS, catalogue });
  mistakes.push(...desk.refile(definitions, new Set(), 0));
  for (const { column, file, line, message, severity } of mistakes) {
    context.err(`${severity}: ${printable(`${file}:${line}:${column}: ${message}`)}\n`);
  }
  const wrong = mistakes.filter(({ severity }) => severity === 'error').length;
  const right = desk.list().length;
  context.out(`${right} saved ${right === 1 ? 'query' : 'queries'}, ${wrong} mistakes\n`);
  return wrong === 0 ? 0 : 1;
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => QUERY_FILE.test(name));
  return names.toSorted().map((name) => join(path, name));
}
