/**
 * The directory of saved queries: read at the start and when it changes. A query with a mistake
 * stays what it was; all others of the directory are taken. Mistakes are logged, and listed with
 * the saved queries.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { FileDefinition, QueryFileMistake } from '../store/query-file.ts';
import type { SavedDesk } from '../coordinator/saved-desk.ts';
import type { Logger } from '../observe/logger.ts';
import { QUERY_FILE, readQueryFile } from '../store/query-file.ts';
import { WatchedFiles } from './watched-files.ts';

export interface QueryFilesParts {
  readonly directory: string | null;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly desk: SavedDesk;
}

export class QueryFiles {
  readonly #parts: QueryFilesParts;
  readonly #files: WatchedFiles;
  #mistakes: readonly QueryFileMistake[] = [];
  #nextPollMs = 0;

  /** @throws EngineError `ENGINE_BAD_QUERY_FILES` if the directory cannot be read. */
  constructor(parts: QueryFilesParts) {
    this.#parts = parts;
    const { config, directory } = parts;
    this.#files = new WatchedFiles({
      directory,
      names: QUERY_FILE,
      filesMax: config.savedQueriesMax,
      bytesMax: config.ruleFileBytesMax,
      fault: 'ENGINE_BAD_QUERY_FILES',
    });
    if (directory !== null) this.reload();
  }

  get mistakes(): readonly QueryFileMistake[] {
    return this.#mistakes;
  }

  tick(): void {
    const { clock, config, directory, log } = this.#parts;
    const nowMs = clock.now();
    if (directory === null || nowMs < this.#nextPollMs) return;
    this.#nextPollMs = nowMs + config.rulesPollMs;
    try {
      if (this.#files.hasChanged()) this.reload();
    } catch (error) {
      log.error('query files cannot be read', { code: 'ENGINE_BAD_QUERY_FILES', error });
    }
  }

  /** Looks at the files now. @throws as the constructor. */
  reload(): void {
    const { clock, desk, log } = this.#parts;
    const definitions: FileDefinition[] = [];
    const mistakes: QueryFileMistake[] = [];
    for (const [file, text] of this.#files.read()) {
      const read = readQueryFile(file, text);
      definitions.push(...read.definitions);
      mistakes.push(...read.mistakes);
    }
    const broken = new Set(mistakes.map(({ file }) => file));
    const found = desk.refile(definitions, broken, clock.now());
    this.#mistakes = [...mistakes, ...found];
    for (const { file, line, column, severity, message } of this.#mistakes) {
      const at = `${file}:${line}:${column}`;
      if (severity === 'error') log.error('a query file has a mistake', { at, message });
      else log.warn('a query file', { at, message });
    }
  }
}
