/** A directory of texts that somebody edits or deploys, and whether they have changed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';

export interface WatchedFilesOptions {
  /** Null: there is none. */
  readonly directory: string | null;
  /** Names of files that are read. */
  readonly names: RegExp;
  readonly filesMax: number;
  readonly bytesMax: number;
  /** Of what is thrown. */
  readonly fault: ErrorCode;
  /** Texts that came with the program, by name. */
  readonly builtIn?: ReadonlyMap<string, string>;
}

export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  #seen = '';

  constructor(options: WatchedFilesOptions) {
    this.#options = options;
  }

  /** Name → text. @throws EngineError `fault` if the directory, or a file, cannot be read. */
  read(): Map<string, string> {
    // What changes while it is read has changed since, and what cannot be read was not seen.
    const seen = this.#fingerprint();
    const texts = new Map(this.#options.builtIn ?? []);
    for (const name of this.#names()) {
      texts.set(
        name,
        this.#guarded(name, (path) => readFileSync(path, 'utf8')),
      );
    }
    this.#seen = seen;
    return texts;
  }

  /** True if some file has come, gone or changed since `read`. @throws as {@link read}. */
  hasChanged(): boolean {
    return this.#fingerprint() !== this.#seen;
  }

  /** Sizes and times of all files: what an editor or a deployment changes. */
  #fingerprint(): string {
    return this.#names()
      .map((name) => {
        const { size, mtimeMs, ino } = this.#guarded(name, (path) => statSync(path));
        if (size > this.#options.bytesMax) throw this.#bad(`${name} is too large`);
        return `${name} ${size} ${mtimeMs} ${ino}`;
      })
      .join('\n');
  }

  #names(): string[] {
    const { directory, filesMax, names: wanted } = this.#options;
    if (directory === null) return [];
    try {
      const names = readdirSync(directory).filter((name) => wanted.test(name));
      if (names.length > filesMax) throw this.#bad(`${names.length} files are too many`);
      return names.toSorted();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw this.#bad(error instanceof Error ? error.message : String(error));
    }
  }

  #guarded<T>(name: string, look: (path: string) => T): T {
    try {
      return look(join(this.#options.directory ?? '', name));
    } catch (error) {
      throw this.#bad(error instanceof Error ? error.message : String(error));
    }
  }

  #bad(detail: string): EngineError {
    return new EngineError(this.#options.fault, detail);
  }
}
