/**
 * Reads the members of one YAML map: each by name and kind, with the position of every mistake.
 * What was not asked for is a mistake, too, so that a misspelt setting is not passed over.
 */
import { isMap, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import { suggest } from '../../../grammar/suggest.ts';
import { Secret } from './secret.ts';

/** `at`: offset in the text. */
export type TellMistake = (at: number, message: string) => void;

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

export class FieldReader {
  /** Position of the map. */
  readonly at: number;
  readonly #map: YAMLMap | null;
  readonly #tell: TellMistake;
  readonly #asked = new Set<string>();
  readonly #shown: Record<string, unknown> = {};

  constructor(node: Node | null | undefined, tell: TellMistake, what: string) {
    this.at = node?.range?.[0] ?? 0;
    this.#tell = tell;
    this.#map = isMap(node) ? node : null;
    if (this.#map === null) tell(this.at, `${what} is written as \`name: value\` lines`);
  }

  /** What was read, without secrets. */
  get shown(): Readonly<Record<string, unknown>> {
    return this.#shown;
  }

  /** Names of all members, in order. */
  names(): string[] {
    return (this.#map?.items ?? []).map(({ key }) => (isScalar(key) ? String(key.value) : ''));
  }

  /** The member as it stands; undefined: it is not there. */
  node(name: string): Node | undefined {
    this.#asked.add(name);
    return this.#map?.get(name, true);
  }

  has(name: string): boolean {
    return this.node(name) !== undefined;
  }

  mistake(name: string, message: string): void {
    this.#tell(this.node(name)?.range?.[0] ?? this.at, message);
  }

  text(name: string): string | undefined;
  text(name: string, otherwise: string): string;
  text(name: string, otherwise?: string): string | undefined {
    const value = this.#scalar(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'string') return this.#show(name, value);
    this.mistake(name, `\`${name}\` is a text`);
    return otherwise;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined && !this.has(name)) this.#tell(this.at, `\`${name}\` is missing`);
    return value ?? '';
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.#scalar(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'boolean') return this.#show(name, value);
    this.mistake(name, `\`${name}\` is true or false`);
    return otherwise;
  }

  number(name: string, otherwise: number, [min, max]: readonly [number, number]): number {
    const value = this.#scalar(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && value >= min && value <= max) return this.#show(name, value);
    this.mistake(name, `\`${name}\` is a number from ${min} to ${max}`);
    return otherwise;
  }

  /** Milliseconds of `30s`, `1h30m`; `0s` is allowed. */
  duration(name: string): number | undefined;
  duration(name: string, otherwise: number): number;
  duration(name: string, otherwise?: number): number | undefined {
    const value = this.#scalar(name);
    if (value === undefined) return otherwise;
    const ms = typeof value === 'string' ? durationFrom(value) : null;
    if (ms !== null) {
      this.#show(name, value);
      return ms;
    }
    this.mistake(name, `\`${name}\` is a duration such as 30s or 1h30m`);
    return otherwise;
  }

  choice<C extends string>(name: string, choices: readonly C[]): C | undefined {
    const value = this.text(name);
    if (value === undefined || (choices as readonly string[]).includes(value)) return value as C;
    this.mistake(name, `\`${name}\` is one of ${choices.join(', ')}`);
    return undefined;
  }

  texts(name: string): string[] | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    const value: unknown = isScalar(node) ? [node.value] : node.toJSON();
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
      return this.#show(name, value);
    }
    this.mistake(name, `\`${name}\` is a list of texts`);
    return undefined;
  }

  /** A map of texts, such as labels or headers. */
  pairs(name: string): Readonly<Record<string, string>> {
    const node = this.node(name);
    if (node === undefined) return {};
    const value: unknown = node.toJSON();
    const isPairs =
      isMap(node) && Object.values(value as object).every((v) => typeof v === 'string');
    if (isPairs) return this.#show(name, value as Record<string, string>);
    this.mistake(name, `\`${name}\` is a map of texts`);
    return {};
  }

  /** Readers of the items of a list of maps. */
  list(name: string): FieldReader[] {
    const node = this.node(name);
    if (node === undefined) return [];
    if (isSeq(node)) {
      return node.items.map((item) => new FieldReader(item as Node, this.#tell, `\`${name}\``));
    }
    this.mistake(name, `\`${name}\` is a list`);
    return [];
  }

  child(name: string): FieldReader | null {
    const node = this.node(name);
    return node === undefined ? null : new FieldReader(node, this.#tell, `\`${name}\``);
  }

  /** `nameFile` or `nameEnv`; null and a mistake if there is neither and it is needed. */
  secret(name: string, isNeeded = true): Secret | null {
    const file = this.text(`${name}File`);
    const variable = this.text(`${name}Env`);
    if (this.has(name)) {
      this.mistake(name, `secrets are not written here: use \`${name}File\` or \`${name}Env\``);
      return null;
    }
    if (file === undefined && variable === undefined) {
      if (isNeeded) this.#tell(this.at, `\`${name}File\` or \`${name}Env\` is missing`);
      return null;
    }
    const secret = file === undefined ? Secret.ofEnvironment(variable ?? '') : Secret.ofFile(file);
    try {
      secret.reveal();
      return secret;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.mistake(file === undefined ? `${name}Env` : `${name}File`, reason);
      return null;
    }
  }

  /** An http(s) address. */
  url(name: string, otherwise?: string): string {
    const value = otherwise === undefined ? this.required(name) : this.text(name, otherwise);
    if (value !== '' && !/^https?:\/\//.test(value)) {
      this.mistake(name, `\`${name}\` is an address that begins with https:// or http://`);
    } else if (value !== '' && !URL.canParse(value)) {
      this.mistake(name, `\`${name}\` is no address`);
    } else if (value !== '' && new URL(value).password !== '') {
      this.mistake(name, 'an address must not hold a password');
    }
    return value;
  }

  /** Call it last: every member nobody asked for is a mistake. */
  finish(): void {
    for (const { key } of this.#map?.items ?? []) {
      const name = isScalar(key) ? String(key.value) : '';
      if (this.#asked.has(name)) continue;
      const near = suggest(name, [...this.#asked]);
      const at = (key as Node | null)?.range?.[0] ?? this.at;
      this.#tell(at, `\`${name}\` is not known here${near ? `; \`${near}\`?` : ''}`);
    }
  }

  #scalar(name: string): unknown {
    const node = this.node(name);
    if (node === undefined) return undefined;
    return isScalar(node) ? node.value : node.toJSON();
  }

  #show<T>(name: string, value: T): T {
    this.#shown[name] = value;
    return value;
  }
}

/** Null: no duration. */
export function durationFrom(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/.test(text)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0);
  }
  return totalMs;
}
