/**
 * The names of FROM: streams, their aliases, and the fields that the catalogue knows of them.
 * Unknown streams and fields are warnings only: on a live system they may appear later. Nothing a
 * catalogue says ever changes what a query means; which names are views does, because somebody
 * defined them.
 */
import type { FromClause, Property, Source } from '../../grammar/ast.ts';
import { isPlainName } from '../../grammar/characters.ts';
import type { Fix } from '../../grammar/diagnostic.ts';
import { quoteName } from '../../grammar/scan-literals.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { ColumnType, SourcePattern } from '../ir/plan.ts';
import { globMatches } from '../ir/glob.ts';
import { isViewStream, viewStream } from '../ir/view-stream.ts';
import type { CatalogueField, FieldCatalogue } from './field-catalogue.ts';
import { addField, joinedSources, knowsName } from './join-scope.ts';
import type { JoinedSource, ResolvedSource } from './join-scope.ts';
import type { Reporter } from './reporter.ts';
import type { ViewScope } from './view-scope.ts';

/** The stream that a query without FROM reads. */
export const DEFAULT_STREAM = 'stream';

/** What names of FROM may stand for. */
export interface KnownNames {
  readonly catalogue: FieldCatalogue | null;
  readonly views: ViewScope | null;
}

/** A property's source and the rest of its name. */
export interface AliasSplit {
  readonly alias: string;
  readonly rest: string;
}

export class SourceScope {
  /** Streams, not tables. */
  readonly patterns: readonly SourcePattern[];
  /** In the order they are written; null without a join. */
  readonly joined: readonly JoinedSource[] | null;
  readonly #aliases = new Map<string, Source>();
  readonly #resolved: ReadonlyMap<Source, ResolvedSource>;
  readonly #fields: ReadonlyMap<string, CatalogueField>;
  readonly #known: KnownNames;
  readonly #report: Reporter;

  constructor(from: FromClause | null, known: KnownNames, report: Reporter) {
    this.#known = known;
    this.#report = report;
    const first = from?.sources ?? [];
    const joins = from?.joins ?? [];
    const streams = joins.filter(({ within }) => within !== null).map(({ source }) => source);
    const resolved = new Map<Source, ResolvedSource>();
    for (const source of [...first, ...streams]) resolved.set(source, this.#resolve(source));
    this.#resolved = resolved;
    this.patterns = resolved.size === 0 ? [DEFAULT_SOURCE] : patternsOf([...resolved.values()]);
    for (const source of [...first, ...joins.map((j) => j.source)]) this.#declareAlias(source);
    this.joined =
      joins.length === 0 ? null : joinedSources(first, joins, { resolved, ...known }, report);
    this.#fields = this.#allFields([...resolved.values()]);
  }

  /** Whether the catalogue knows any field of the query's sources. */
  get knowsFields(): boolean {
    return this.#fields.size > 0;
  }

  get fieldNames(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** The source of that alias, if it is one of several whose events are read side by side. */
  mergedAs(alias: string): ResolvedSource | null {
    if (this.joined !== null || this.patterns.length < 2) return null;
    const source = this.#aliases.get(alias);
    return source === undefined ? null : (this.#resolved.get(source) ?? null);
  }

  /** Aliases that a query may write, for did-you-mean. */
  get aliasNames(): readonly string[] {
    return this.joined?.map(({ alias }) => alias) ?? [...this.#aliases.keys()];
  }

  hasAlias(alias: string): boolean {
    return this.#aliases.has(alias) || this.joinedAs(alias) !== null;
  }

  joinedAs(alias: string): JoinedSource | null {
    return this.joined?.find((one) => one.alias === alias) ?? null;
  }

  /**
   * The alias that a property's name starts with, and the rest; null if it names no source. Without
   * a join an alias is the first dotted part.
   */
  splitAlias(property: Property): AliasSplit | null {
    if (property.root.kind !== 'name') return null;
    const { name } = property.root;
    if (this.joined !== null) return splitJoined(name, this.joined);
    const dot = name.indexOf('.');
    if (dot <= 0) return null;
    const alias = name.slice(0, dot);
    if (!this.#aliases.has(alias)) return null;
    return { alias, rest: name.slice(dot + 1) };
  }

  /** Whether the catalogue knows a dotted name, or a field above or below it. */
  knows(written: string): boolean {
    if (this.joined !== null) {
      const split = splitJoined(written, this.joined);
      if (split !== null) return this.knowsOf(split.alias, split.rest);
      return knowsName(this.#fields, written);
    }
    return knowsName(this.#fields, this.#withoutAlias(written));
  }

  /** Whether the services that have the field do not give it. */
  isDenied(written: string): boolean {
    return this.#fields.get(this.#withoutAlias(written))?.isDenied === true;
  }

  /** As {@link knows}, of one source of several. */
  knowsOf(alias: string, name: string): boolean {
    return knowsName(this.fieldsOf(alias) ?? NO_FIELDS, name);
  }

  /** What is known of one source of several. */
  fieldsOf(alias: string): ReadonlyMap<string, CatalogueField> | null {
    return (this.joinedAs(alias) ?? this.mergedAs(alias))?.fields ?? null;
  }

  fieldType(name: string): ColumnType {
    return this.#fields.get(name)?.type ?? 'any';
  }

  #allFields(resolved: readonly ResolvedSource[]): ReadonlyMap<string, CatalogueField> {
    const all = new Map<string, CatalogueField>();
    if (resolved.length === 0) this.#addFields(DEFAULT_SOURCE, all);
    const lists = [
      ...resolved.map(({ fields }) => fields.values()),
      ...(this.joined ?? []).map(({ table }) => table?.fields ?? []),
    ];
    for (const list of lists) for (const field of list) addField(all, field);
    return all;
  }

  #addFields(pattern: SourcePattern, fields: Map<string, CatalogueField>): void {
    const { catalogue } = this.#known;
    for (const stream of catalogue?.streams() ?? []) {
      if (!globMatches(pattern, stream)) continue;
      for (const field of catalogue?.fields(stream) ?? []) addField(fields, field);
    }
  }

  #withoutAlias(name: string): string {
    const dot = name.indexOf('.');
    return dot > 0 && this.#aliases.has(name.slice(0, dot)) ? name.slice(dot + 1) : name;
  }

  #declareAlias(source: Source): void {
    const { alias } = source;
    if (alias === null) return;
    if (this.#aliases.has(alias)) {
      const message = `two sources have the alias \`${alias}\``;
      this.#report.add('MQL_DUPLICATE_ALIAS', source.span, message);
    }
    this.#aliases.set(alias, source);
  }

  /** The stream of that name, or the inner stream of the view of that name. */
  #resolve(source: Source): ResolvedSource {
    const { name, glob, span } = source;
    const { catalogue, views } = this.#known;
    const view = glob ? null : (views?.resolve(name) ?? null);
    const fields = new Map<string, CatalogueField>();
    if (view?.kind === 'view') {
      for (const field of view.fields) addField(fields, field);
      this.#reportWarnings(name, view.warnings, span);
      if (catalogue?.streams().includes(name) === true) {
        const message = `\`${name}\` is a stream, too; the view of that name is read`;
        this.#report.add('MQL_VIEW_HIDES_STREAM', span, message);
      }
      return { pattern: { pattern: view.stream, glob: false }, fields };
    }
    if (view !== null) {
      this.#report.add(view.code, span, view.message, { hint: view.hint });
      return { pattern: { pattern: viewStream(name), glob: false }, fields };
    }
    if (!glob && isViewStream(name)) {
      const message = `\`${name}\` is the inside of a view`;
      this.#report.add('MQL_BAD_VIEW', span, message, { hint: 'Read the view by its name.' });
    }
    const pattern = { pattern: name, glob };
    if (catalogue !== null) this.#checkStream(source, catalogue.streams(), views?.names() ?? []);
    this.#addFields(pattern, fields);
    return { pattern, fields };
  }

  #checkStream(source: Source, streams: readonly string[], views: readonly string[]): void {
    const pattern = { pattern: source.name, glob: source.glob };
    if (streams.some((stream) => globMatches(pattern, stream))) return;
    const near = source.glob ? null : suggest(source.name, [...streams, ...views]);
    const message = source.glob
      ? `no stream matches \`${source.name}\` yet`
      : `there is no stream \`${source.name}\` yet`;
    this.#report.add('MQL_UNKNOWN_STREAM', source.span, message, {
      hint: near === null ? undefined : `Did you mean \`${near}\`?`,
      fixes: near === null ? undefined : [this.#renamed(source, near)],
    });
  }

  /** The name is what the source's span begins with; an alias may follow it. */
  /** The first of what a view's own text warns of, and how much more there is. */
  #reportWarnings(name: string, [first, ...others]: readonly string[], span: Source['span']): void {
    if (first === undefined) return;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    this.#report.add('MQL_VIEW_WARNING', span, `of the view \`${name}\`: ${first}${more}`, {
      hint: `See all of it: squilla saved show ${name}`,
    });
  }

  #renamed({ span, name }: Source, near: string): Fix {
    const written = this.#report.isQuotedAt(span.start) ? quoteName(name) : name;
    return {
      title: `Change to ${near}`,
      span: { start: span.start, end: span.start + written.length },
      text: isPlainName(near) ? near : quoteName(near),
    };
  }
}

const DEFAULT_SOURCE: SourcePattern = { pattern: DEFAULT_STREAM, glob: false };
const NO_FIELDS: ReadonlyMap<string, CatalogueField> = new Map();

/** Each once: a stream that is joined with itself is read once. */
function patternsOf(sources: readonly ResolvedSource[]): readonly SourcePattern[] {
  const patterns = new Map<string, SourcePattern>();
  for (const { pattern } of sources) {
    patterns.set(`${pattern.glob ? '*' : '='}${pattern.pattern}`, pattern);
  }
  return [...patterns.values()];
}

function splitJoined(name: string, joined: readonly JoinedSource[]): AliasSplit | null {
  let longest: string | null = null;
  for (const { alias } of joined) {
    const isLonger = longest === null || alias.length > longest.length;
    if (isLonger && name.startsWith(`${alias}.`)) longest = alias;
  }
  return longest === null ? null : { alias: longest, rest: name.slice(longest.length + 1) };
}
