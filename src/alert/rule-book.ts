/**
 * Every rule that is in force, wherever it came from: a directory of files, read anew when they
 * change, or the API. A new set of files is checked whole and taken whole or not at all. Each
 * change of a rule gives it a version, which outlives restarts.
 */
import { canonicalJson, hash128 } from '../plan/fingerprint.ts';
import type { VersionedRule } from './alert-engine.ts';
import type { StoredVersion } from './alert-store.ts';
import { checkRules, hasMistakes } from './check-rules.ts';
import type { CheckedRules, ReadRule } from './check-rules.ts';
import { finished } from './in-steps.ts';
import type { Steps } from './in-steps.ts';
import { readRuleFile } from './rule-file.ts';
import type { FileMistake } from './rule-file.ts';
import type { Rule } from './rule.ts';
import type { RuleScope } from './rule-scope.ts';

export const FROM_API = 'api';

/** Versions in one transaction: few milliseconds, and one wait for the disk. */
const WRITTEN_AT_ONCE = 200;

export interface RuleEntry extends VersionedRule {
  /** YAML of the rule alone. */
  readonly text: string;
  /** {@link FROM_API}, or the file's name. */
  readonly origin: string;
  readonly author: string;
  /** When this version came, ms UTC. */
  readonly atMs: number;
}

/** What of the book outlives a restart; `AlertStore` is one. */
export interface VersionStore {
  newestVersions(): StoredVersion[];
  addVersions(versions: readonly StoredVersion[]): void;
}

export interface RuleChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface FileRulesMistake extends FileMistake {
  readonly file: string;
}

export type Reload =
  | ({ readonly ok: true; readonly mistakes: readonly FileRulesMistake[] } & RuleChanges)
  | { readonly ok: false; readonly mistakes: readonly FileRulesMistake[] };

export type Put =
  | { readonly ok: true; readonly entry: RuleEntry; readonly isNew: boolean }
  | { readonly ok: false; readonly why: 'mistakes'; readonly mistakes: readonly FileMistake[] }
  /** The rule stands in a file, has another version by now, or there are too many. */
  | {
      readonly ok: false;
      readonly why: 'in-file' | 'version' | 'too-many';
      readonly detail: string;
    };

export interface RuleBookParts {
  readonly store: VersionStore;
  readonly scope: RuleScope;
  readonly rulesMax: number;
}

export interface PutHow {
  readonly author: string;
  readonly nowMs: number;
  /** The version that the author saw; null: whatever is there. */
  readonly expected: number | null;
}

/** What is known of a file's text: data, so that it can come from another thread. */
export interface FileCheck {
  readonly rules: readonly ReadRule[];
  readonly mistakes: readonly FileMistake[];
}

interface Writing {
  readonly nowMs: number;
  readonly write: (version: StoredVersion) => void;
}

interface FileRule {
  readonly read: ReadRule;
  readonly file: string;
}

export function fileCheck({ mistakes, rules, waiting }: CheckedRules): FileCheck {
  const read = [...rules, ...waiting].map(({ line, rule, text }) => ({ rule, text, line }));
  return { rules: read, mistakes };
}

export class RuleBook {
  readonly #parts: RuleBookParts;
  readonly #entries = new Map<string, RuleEntry>();
  /** What was found in each file, so that only a changed one is looked at again. */
  #files = new Map<string, { readonly text: string; readonly checked: FileCheck }>();
  /** Digests of rules as they were read, so that an unchanged one costs nothing. */
  readonly #digests = new WeakMap<Rule, string>();
  /** Newest version and digest of every rule that ever was. */
  readonly #known = new Map<string, { version: number; digest: string; isGone: boolean }>();

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
    for (const stored of parts.store.newestVersions()) this.#restore(stored);
  }

  entries(): RuleEntry[] {
    return [...this.#entries.values()].toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1));
  }

  entry(name: string): RuleEntry | null {
    return this.#entries.get(name) ?? null;
  }

  /** File name → text: all there are. */
  takeFiles(files: ReadonlyMap<string, string>, nowMs: number): Reload {
    return finished(this.takeFilesInSteps(files, nowMs));
  }

  /**
   * A step is one file or rule looked at, or one rule taken. `checked`: what is known already of
   * files whose text is new, for long ones are looked at elsewhere.
   */
  *takeFilesInSteps(
    files: ReadonlyMap<string, string>,
    nowMs: number,
    checked: ReadonlyMap<string, FileCheck> = new Map(),
  ): Steps<Reload> {
    const { rules, mistakes } = yield* this.#checkFiles(files, checked);
    if (mistakes.some(({ severity }) => severity === 'error')) return { ok: false, mistakes };
    const added: string[] = [];
    const changed: string[] = [];
    const versions: StoredVersion[] = [];
    const write = (version: StoredVersion): void => void versions.push(version);
    for (const [name, { read, file }] of rules) {
      yield;
      const before = this.#entries.get(name);
      const entry = this.#enter(read, { origin: file, author: file, nowMs, write });
      if (before === undefined) added.push(name);
      else if (before.version !== entry.version) changed.push(name);
    }
    const removed = this.entries()
      .filter(({ origin, rule }) => origin !== FROM_API && !rules.has(rule.name))
      .map(({ rule }) => rule.name);
    for (const name of removed) {
      yield;
      this.#leave(name, 'files', { nowMs, write });
    }
    for (let i = 0; i < versions.length; i += WRITTEN_AT_ONCE) {
      yield;
      this.#parts.store.addVersions(versions.slice(i, i + WRITTEN_AT_ONCE));
    }
    return { ok: true, mistakes, added, changed, removed };
  }

  /** True if the file is the same as it was taken last. */
  isKnown(file: string, text: string): boolean {
    return this.#files.get(file)?.text === text;
  }

  /** `text`: one rule, in YAML or JSON. */
  put(name: string, text: string, how: PutHow): Put {
    const known = this.#entries.get(name);
    if (known !== undefined && known.origin !== FROM_API) {
      return { ok: false, why: 'in-file', detail: `it stands in ${known.origin}` };
    }
    const refusal = this.#expects(known, how.expected);
    if (refusal !== null) return refusal;
    if (known === undefined && this.#entries.size >= this.#parts.rulesMax) {
      return { ok: false, why: 'too-many', detail: `there are ${this.#parts.rulesMax} rules` };
    }
    const { rules, mistakes, waiting } = checkRules(text, this.#parts.scope);
    const [checked] = rules;
    if (hasMistakes(mistakes) || waiting.length > 0 || checked === undefined)
      return { ok: false, why: 'mistakes', mistakes };
    if (rules.length !== 1 || checked.rule.name !== name) {
      const message = `expected one rule, called \`${name}\``;
      const mistake = { severity: 'error', line: 1, column: 1, message } as const;
      return { ok: false, why: 'mistakes', mistakes: [mistake] };
    }
    const { author, nowMs } = how;
    const entry = this.#enter(checked, {
      ...{ origin: FROM_API, author, nowMs, write: this.#write },
    });
    return { ok: true, entry, isNew: known === undefined };
  }

  /** Null: it is gone now. */
  remove(name: string, how: PutHow): Extract<Put, { ok: false }> | null {
    const known = this.#entries.get(name);
    if (known === undefined) return null;
    if (known.origin !== FROM_API) {
      return { ok: false, why: 'in-file', detail: `it stands in ${known.origin}` };
    }
    const refusal = this.#expects(known, how.expected);
    if (refusal !== null) return refusal;
    this.#leave(name, how.author, { nowMs: how.nowMs, write: this.#write });
    return null;
  }

  #expects(
    known: RuleEntry | undefined,
    expected: number | null,
  ): Extract<Put, { ok: false }> | null {
    const version = known?.version ?? 0;
    if (expected === null || expected === version) return null;
    const detail = known === undefined ? 'there is no such rule' : `it has version ${version} now`;
    return { ok: false, why: 'version', detail };
  }

  *#checkFiles(
    files: ReadonlyMap<string, string>,
    checked: ReadonlyMap<string, FileCheck>,
  ): Steps<{ rules: Map<string, FileRule>; mistakes: FileRulesMistake[] }> {
    const rules = new Map<string, FileRule>();
    const mistakes: FileRulesMistake[] = [];
    const looked = new Map<string, { readonly text: string; readonly checked: FileCheck }>();
    for (const [file, text] of files) {
      yield;
      const known = this.#files.get(file);
      const found =
        known?.text === text
          ? known.checked
          : (checked.get(file) ?? fileCheck(checkRules(text, this.#parts.scope)));
      looked.set(file, { text, checked: found });
      mistakes.push(...found.mistakes.map((mistake) => ({ ...mistake, file })));
      for (const read of found.rules) {
        yield;
        const { name } = read.rule;
        const other = rules.get(name)?.file ?? this.#otherOrigin(name);
        const at = { file, line: read.line, column: 1, severity: 'error' } as const;
        if (other !== null)
          mistakes.push({ ...at, message: `\`${name}\` is also a rule of ${other}` });
        else rules.set(name, { read, file });
      }
    }
    this.#files = looked;
    if (rules.size > this.#parts.rulesMax) {
      const message = `${rules.size} rules are more than \`rulesMax\` (${this.#parts.rulesMax})`;
      mistakes.push({ file: '', line: 1, column: 1, severity: 'error', message });
    }
    return { rules, mistakes };
  }

  #otherOrigin(name: string): string | null {
    return this.#entries.get(name)?.origin === FROM_API ? 'the API' : null;
  }

  #enter(
    { rule, text }: ReadRule,
    how: { readonly origin: string; readonly author: string } & Writing,
  ): RuleEntry {
    const { origin, author, nowMs, write } = how;
    const digest = this.#digestOf(rule);
    const known = this.#known.get(rule.name);
    const before = this.#entries.get(rule.name);
    const isSame = known?.digest === digest && !known.isGone;
    if (before !== undefined && isSame && before.origin === origin) return before;
    const version = isSame ? known.version : (known?.version ?? 0) + 1;
    const entry = { rule, version, text, origin, author, atMs: nowMs };
    if (!isSame) {
      const { name } = rule;
      const stored = { name, version, text, digest, origin, author, atMs: nowMs };
      write(stored);
      this.#known.set(name, { version, digest, isGone: false });
    }
    this.#entries.set(rule.name, entry);
    return entry;
  }

  /** One alone, before it is in force. */
  readonly #write = (version: StoredVersion): void => this.#parts.store.addVersions([version]);

  #digestOf(rule: Rule): string {
    const known = this.#digests.get(rule);
    if (known !== undefined) return known;
    const digest = hash128(canonicalJson(rule));
    this.#digests.set(rule, digest);
    return digest;
  }

  #leave(name: string, author: string, { nowMs, write }: Writing): void {
    const known = this.#known.get(name);
    const version = (known?.version ?? 0) + 1;
    const gone = { text: null, digest: '', origin: FROM_API, author, atMs: nowMs };
    write({ name, version, ...gone });
    this.#known.set(name, { version, digest: '', isGone: true });
    this.#entries.delete(name);
  }

  /** File rules come back with their files; here they only keep their versions. */
  #restore({ name, version, text, digest, origin, author, atMs }: StoredVersion): void {
    this.#known.set(name, { version, digest, isGone: text === null });
    if (text === null || origin !== FROM_API) return;
    // One that this version of Squilla cannot run is kept, so that it can be seen and mended.
    const [located] = readRuleFile(text).rules;
    if (located === undefined) return;
    this.#entries.set(name, { rule: located.rule, version, text, origin, author, atMs });
  }
}
