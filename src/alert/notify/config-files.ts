/**
 * The notification settings on disk: one YAML file, or every `.yaml` and `.yml` of a directory,
 * read as one. Remembers what it read last, so that a caller who looks often hears only of changes.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import type { NotifyConfig } from './notify-config.ts';
import { readNotifyConfig } from './read-config.ts';
import type { ConfigText, NotifyMistake } from './read-config.ts';

const FILES_MAX = 1_000;

export class ConfigFiles {
  readonly path: string;
  #last: string | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** Null: nothing changed since the last call. */
  poll(): Result<NotifyConfig, readonly NotifyMistake[]> | null {
    const texts = this.#texts();
    const fingerprint = texts.ok ? JSON.stringify(texts.value) : texts.error;
    if (fingerprint === this.#last) return null;
    this.#last = fingerprint;
    return texts.ok ? readNotifyConfig(texts.value) : err([texts.error]);
  }

  #texts(): Result<readonly ConfigText[], string> {
    try {
      if (!statSync(this.path).isDirectory()) return ok([textOf(this.path)]);
      const names = readdirSync(this.path)
        .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
        .sort();
      if (names.length > FILES_MAX) return err(`${this.path}: more than ${FILES_MAX} files`);
      return ok(names.map((name) => textOf(join(this.path, name))));
    } catch (error) {
      return err(`${this.path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function textOf(path: string): ConfigText {
  return { path, text: readFileSync(path, 'utf8') };
}
