/**
 * A secret of a receiver: lives in a file or in the environment, is read anew each time it is used
 * (so that a rotated one needs no reload), and shows itself to nobody who prints or stores it.
 */
import { readFileSync } from 'node:fs';
import { HIDDEN } from '../../observe/secrets.ts';

export class Secret {
  /** Where it comes from; harmless. */
  readonly source: string;
  readonly #read: () => string;

  private constructor(source: string, read: () => string) {
    this.source = source;
    this.#read = read;
  }

  static ofFile(path: string): Secret {
    return new Secret(`file ${path}`, () => readFileSync(path, 'utf8').trim());
  }

  static ofEnvironment(name: string): Secret {
    return new Secret(`environment ${name}`, () => process.env[name] ?? '');
  }

  /** @throws Error if there is none now. */
  reveal(): string {
    const text = this.#read();
    if (text === '') throw new Error(`the secret in ${this.source} is empty`);
    return text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return `${HIDDEN} (${this.source})`;
  }
}
