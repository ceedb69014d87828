/** Files of saved queries as an engine would read them, without one. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULTS } from '../config.ts';
import { FiledQueries } from '../coordinator/filed-queries.ts';
import { SavedDesk } from '../coordinator/saved-desk.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import { QUERY_FILE, readQueryFile } from '../store/query-file.ts';
import type { FileDefinition, QueryFileMistake } from '../store/query-file.ts';

export interface SavedFiles {
  readonly saved: ViewDefinitions;
  /** Queries without a mistake. */
  readonly count: number;
  readonly mistakes: readonly QueryFileMistake[];
}

/**
 * Files, and directories of files. What an engine would know of streams is not known here.
 * @throws if one cannot be read.
 */
export function readSavedFiles(paths: readonly string[]): SavedFiles {
  const definitions: FileDefinition[] = [];
  const mistakes: QueryFileMistake[] = [];
  for (const path of paths.flatMap(filesOf)) {
    const read = readQueryFile(basename(path), readFileSync(path, 'utf8'));
    definitions.push(...read.definitions);
    mistakes.push(...read.mistakes);
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
  return { saved, count: desk.list().length, mistakes };
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => QUERY_FILE.test(name));
  return names.toSorted().map((name) => join(path, name));
}
