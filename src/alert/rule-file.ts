/**
 * Rule files: YAML in our shape (`rules:`, or one rule) or in Prometheus' (`groups:`). Everything
 * wrong is reported at once, with line and column; nothing unknown is passed over.
 */
import { isMap, isScalar, LineCounter, stringify } from 'yaml';
import type { Document, Node, Scalar } from 'yaml';
import type { z } from 'zod';
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import { suggest } from '../../grammar/suggest.ts';
import { expandAliases } from '../core/expand-aliases.ts';
import { parseYaml } from '../core/yaml-text.ts';
import type { Rule } from './rule.ts';
import { ruleFrom, ruleFromPrometheus } from './rule-from-text.ts';
import { prometheusGroupShape, prometheusRuleShape, ruleShape } from './rule-shape.ts';

export interface FileMistake {
  readonly severity: 'error' | 'warning';
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface LocatedRule {
  readonly rule: Rule;
  /** The rule alone, in YAML. */
  readonly text: string;
  /** Where a mistake in a field stands; `diagnostic` has a place inside the field's text. */
  readonly place: (field: string, diagnostic?: Diagnostic) => { line: number; column: number };
}

export interface RuleFile {
  readonly rules: readonly LocatedRule[];
  readonly mistakes: readonly FileMistake[];
}

/** Deeper texts are not looked into for places. */
const INDENT_MAX = 200;

type Path = readonly (string | number)[];

export function readRuleFile(text: string): RuleFile {
  return new RuleFileReader(text).read();
}

class RuleFileReader {
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #rules: LocatedRule[] = [];
  readonly #mistakes: FileMistake[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#document = parseYaml(text, this.#lines);
  }

  read(): RuleFile {
    for (const { pos, message } of this.#document.errors) {
      this.#mistake(pos[0], message.split('\n')[0] ?? 'not YAML');
    }
    if (this.#mistakes.length === 0) this.#readRoot();
    this.#checkNames();
    return { rules: this.#rules, mistakes: this.#mistakes };
  }

  #readRoot(): void {
    const root = expandAliases(
      () => this.#document.toJS() as unknown,
      (message) => this.#mistake(0, message),
    );
    if (root === null || root === undefined) return;
    if (!isMap(this.#document.contents)) {
      this.#mistake(0, 'expected `rules:`, `groups:` or one rule');
      return;
    }
    const file = root as Record<string, unknown>;
    if ('groups' in file) this.#readGroups(file);
    else if ('rules' in file) this.#readList(file);
    else if ('alert' in file) this.#readPrometheusRule(file, [], {});
    else this.#readRule(file, []);
  }

  #readList(file: Record<string, unknown>): void {
    const { rules } = file;
    for (const name of Object.keys(file)) if (name !== 'rules') this.#unknown([], name, ['rules']);
    if (!Array.isArray(rules)) {
      this.#mistakeAt(['rules'], '`rules` is a list of rules');
      return;
    }
    rules.forEach((rule: unknown, i) => this.#readRule(rule, ['rules', i]));
  }

  #readRule(value: unknown, path: Path): void {
    const parsed = ruleShape.safeParse(value);
    if (parsed.success) this.#add(ruleFrom(parsed.data), { path, value, fields: {} });
    else this.#issues(parsed.error, path, Object.keys(ruleShape.shape));
  }

  #readGroups(file: Record<string, unknown>): void {
    const { groups } = file;
    for (const name of Object.keys(file))
      if (name !== 'groups') this.#unknown([], name, ['groups']);
    if (!Array.isArray(groups)) {
      this.#mistakeAt(['groups'], '`groups` is a list of groups');
      return;
    }
    groups.forEach((value: unknown, i) => {
      const path = ['groups', i];
      const parsed = prometheusGroupShape.safeParse(value);
      if (!parsed.success) {
        this.#issues(parsed.error, path, Object.keys(prometheusGroupShape.shape));
        return;
      }
      const group = parsed.data;
      this.#warnGroup(group, path);
      group.rules.forEach((rule, j) =>
        this.#readPrometheusRule(rule, [...path, 'rules', j], group.labels ?? {}),
      );
    });
  }

  /** What a group says about evaluation is said by the query's window here. */
  #warnGroup(group: Record<string, unknown>, path: Path): void {
    for (const name of Object.keys(group)) {
      if (['name', 'rules', 'labels'].includes(name)) continue;
      const at = this.#keyOffset([...path, name]);
      this.#mistake(at, `\`${name}\` has no effect: a rule is evaluated once a WINDOW`, 'warning');
    }
  }

  #readPrometheusRule(value: unknown, path: Path, labels: Record<string, string>): void {
    if (typeof value === 'object' && value !== null && 'record' in value) {
      const message = 'recording rules do not exist here; name the query as a view instead';
      this.#mistakeAt([...path, 'record'], message);
      return;
    }
    const parsed = prometheusRuleShape.safeParse(value);
    const fields = { name: 'alert', query: 'expr' };
    if (parsed.success) {
      const value = { ...parsed.data, labels: { ...labels, ...parsed.data.labels } };
      this.#add(ruleFromPrometheus(parsed.data, labels), { path, value, fields });
    } else this.#issues(parsed.error, path, Object.keys(prometheusRuleShape.shape));
  }

  #add(
    rule: Rule,
    from: {
      readonly path: Path;
      readonly value: unknown;
      /** Our names of fields → those of the file, where they differ. */
      readonly fields: Readonly<Record<string, string>>;
    },
  ): void {
    const { path, value, fields } = from;
    const place = (field: string, diagnostic?: Diagnostic): { line: number; column: number } =>
      this.#place([...path, fields[field] ?? field], diagnostic);
    this.#rules.push({ rule, text: stringify(value, { lineWidth: 0 }), place });
  }

  #checkNames(): void {
    const seen = new Set<string>();
    for (const { rule, place } of this.#rules) {
      if (seen.has(rule.name)) {
        const message = `there are two rules \`${rule.name}\` in this file`;
        this.#mistakes.push({ severity: 'error', ...place('name'), message });
      }
      seen.add(rule.name);
    }
  }

  // ---- Mistakes --------------------------------------------------------------------------------

  #issues(error: z.ZodError, path: Path, known: readonly string[]): void {
    for (const issue of error.issues) {
      const at = [...path, ...(issue.path as Path)];
      if (issue.code === 'unrecognized_keys') {
        for (const name of issue.keys) this.#unknown(at, name, issue.path.length > 0 ? [] : known);
        continue;
      }
      const field = issue.path.filter((part) => typeof part === 'string').join('.');
      const isMissing = this.#node(at) === undefined;
      const expected = issue.message;
      this.#mistakeAt(
        at,
        field === ''
          ? 'expected a rule: a map with `name` and `query`'
          : `\`${field}\`${isMissing ? ' is missing' : ''}: ${expected}`,
      );
    }
  }

  #unknown(path: Path, name: string, known: readonly string[]): void {
    const near = suggest(name, known);
    const hint = near === null ? '' : `; \`${near}\`?`;
    this.#mistake(this.#keyOffset([...path, name]), `there is no field \`${name}\`${hint}`);
  }

  #mistakeAt(path: Path, message: string): void {
    this.#mistake(this.#offset(path), message);
  }

  #mistake(offset: number, message: string, severity: 'error' | 'warning' = 'error'): void {
    const { line, col } = this.#lines.linePos(offset);
    this.#mistakes.push({ severity, line, column: col, message });
  }

  // ---- Places ----------------------------------------------------------------------------------

  #node(path: Path): Node | undefined {
    if (path.length === 0) return this.#document.contents ?? undefined;
    return this.#document.getIn(path, true) as Node | undefined;
  }

  /** Of the value, or of the nearest thing around it that is there. */
  #offset(path: Path): number {
    const offset = this.#node(path)?.range?.[0];
    if (offset !== undefined) return offset;
    return path.length === 0 ? 0 : this.#offset(path.slice(0, -1));
  }

  #keyOffset(path: Path): number {
    const parent = this.#node(path.slice(0, -1));
    const name = path.at(-1);
    if (!isMap(parent)) return this.#offset(path);
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === name);
    return (pair?.key as Scalar | undefined)?.range?.[0] ?? this.#offset(path);
  }

  /** Block texts keep their lines, so that a place in them can be told exactly. */
  #place(path: Path, diagnostic?: Diagnostic): { line: number; column: number } {
    const node = this.#node(path);
    const { line, col } = this.#lines.linePos(this.#offset(path));
    if (diagnostic === undefined || !isScalar(node)) return { line, column: col };
    const inside = diagnostic.span;
    if (node.type === 'BLOCK_LITERAL') {
      const column = this.#indentOf(line + inside.line) + inside.column;
      return { line: line + inside.line, column };
    }
    const isOneLine = node.type !== 'BLOCK_FOLDED' && inside.line === 1;
    const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
    return { line, column: isOneLine ? col + quote + inside.column - 1 : col };
  }

  /** Spaces before the text on a line. */
  #indentOf(line: number): number {
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    return /^ */.exec(this.#text.slice(start, start + INDENT_MAX))?.[0].length ?? 0;
  }
}
