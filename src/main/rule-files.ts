/** The directory of alert rules: its YAML files as texts, and whether they have changed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';

export class RuleFiles {
  readonly #directory: string | null;
  readonly #config: Config;
  /** Rules that came with the program, by name. */
  readonly #builtIn: ReadonlyMap<string, string>;
  #seen = '';

  constructor(
    directory: string | null,
    config: Config,
    builtIn: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#directory = directory;
    this.#config = config;
    this.#builtIn = builtIn;
  }

  /** Name → text. @throws EngineError `ENGINE_BAD_RULES` if the directory cannot be read. */
  read(): Map<string, string> {
    this.#seen = this.#fingerprint();
    const texts = new Map(this.#builtIn);
    for (const name of this.#names()) texts.set(name, readFileSync(this.#path(name), 'utf8'));
    return texts;
  }

  /** True if some file has come, gone or changed since `read`. */
  hasChanged(): boolean {
    return this.#fingerprint() !== this.#seen;
  }

  /** Sizes and times of all files: what an editor or a deployment changes. */
  #fingerprint(): string {
    return this.#names()
      .map((name) => {
        const { size, mtimeMs, ino } = statSync(this.#path(name));
        if (size > this.#config.ruleFileBytesMax) throw bad(`${name} is too large`);
        return `${name} ${size} ${mtimeMs} ${ino}`;
      })
      .join('\n');
  }

  #names(): string[] {
    if (this.#directory === null) return [];
    try {
      const names = readdirSync(this.#directory).filter((name) => /\.ya?ml$/.test(name));
      if (names.length > this.#config.ruleFilesMax) throw bad(`${names.length} files are too many`);
      return names.toSorted();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw bad(error instanceof Error ? error.message : String(error));
    }
  }

  #path(name: string): string {
    return join(this.#directory ?? '', name);
  }
}

function bad(detail: string): EngineError {
  return new EngineError('ENGINE_BAD_RULES', detail);
}
