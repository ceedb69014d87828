/**
 * The names of FROM: streams, their aliases, and the fields that the catalogue knows of them.
 * Unknown streams and fields are warnings only: on a live system they may appear later. Nothing a
 * catalogue says ever changes what a query means; which names are views does, because somebody
 * defined them.
 */
import type { FromClause, Property, Source } from '../../grammar/ast.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { ColumnType, SourcePattern } from '../ir/plan.ts';
import { globMatches } from '../ir/glob.ts';
import { isViewStream, viewStream } from '../ir/view-stream.ts';
import type { CatalogueField, FieldCatalogue } from './field-catalogue.ts';
import type { Reporter } from './reporter.ts';
import type { ViewScope } from './view-scope.ts';

/** The stream that a query without FROM reads. */
export const DEFAULT_STREAM = 'stream';

export class SourceScope {
  readonly patterns: readonly SourcePattern[];
  readonly #aliases = new Map<string, Source>();
  /** Sources that are views, also those that cannot be read. */
  readonly #views = new Set<Source>();
  readonly #fields: ReadonlyMap<string, CatalogueField>;
  readonly #report: Reporter;

  constructor(
    from: FromClause | null,
    known: { readonly catalogue: FieldCatalogue | null; readonly views: ViewScope | null },
    report: Reporter,
  ) {
    const { catalogue, views } = known;
    this.#report = report;
    const fields = new Map<string, CatalogueField>();
    const sources = from === null ? [] : [...from.sources, ...from.joins.map((j) => j.source)];
    this.patterns =
      sources.length === 0
        ? [{ pattern: DEFAULT_STREAM, glob: false }]
        : sources.map((source) => this.#patternOf(source, known, fields));
    for (const source of sources) this.#declareAlias(source);
    if (catalogue !== null) {
      const streams = catalogue.streams();
      for (const source of sources) {
        if (this.#views.has(source)) continue;
        this.#checkStream(source, streams, views?.names() ?? []);
      }
      for (const stream of streams) {
        if (!this.patterns.some((pattern) => globMatches(pattern, stream))) continue;
        for (const field of catalogue.fields(stream)) addField(fields, field);
      }
    }
    this.#fields = fields;
  }

  /** Whether the catalogue knows any field of the query's streams. */
  get knowsFields(): boolean {
    return this.#fields.size > 0;
  }

  get fieldNames(): readonly string[] {
    return [...this.#fields.keys()];
  }

  get hasSeveralSources(): boolean {
    return this.patterns.length > 1;
  }

  hasAlias(alias: string): boolean {
    return this.#aliases.has(alias);
  }

  /**
   * The alias that a property's name starts with (its first dotted part), and the rest; null if it
   * names no source.
   */
  splitAlias(property: Property): { readonly alias: string; readonly rest: string } | null {
    if (property.root.kind !== 'name') return null;
    const dot = property.root.name.indexOf('.');
    if (dot <= 0) return null;
    const alias = property.root.name.slice(0, dot);
    if (!this.#aliases.has(alias)) return null;
    return { alias, rest: property.root.name.slice(dot + 1) };
  }

  /** Whether the catalogue knows a dotted name, or a field above or below it. */
  knows(written: string): boolean {
    const name = this.#withoutAlias(written);
    if (this.#fields.has(name)) return true;
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      if (this.#fields.has(name.slice(0, dot))) return true;
    }
    for (const field of this.#fields.keys()) if (field.startsWith(`${name}.`)) return true;
    return false;
  }

  fieldType(name: string): ColumnType {
    return this.#fields.get(name)?.type ?? 'any';
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
  #patternOf(
    source: Source,
    known: { readonly catalogue: FieldCatalogue | null; readonly views: ViewScope | null },
    fields: Map<string, CatalogueField>,
  ): SourcePattern {
    const { name, glob, span } = source;
    const view = glob ? null : (known.views?.resolve(name) ?? null);
    if (view !== null) this.#views.add(source);
    if (view?.kind === 'view') {
      for (const field of view.fields) addField(fields, field);
      if (known.catalogue?.streams().includes(name) === true) {
        const message = `\`${name}\` is a stream, too; the view of that name is read`;
        this.#report.add('MQL_VIEW_HIDES_STREAM', span, message);
      }
      return { pattern: view.stream, glob: false };
    }
    if (view !== null) {
      this.#report.add(view.code, span, view.message, { hint: view.hint });
      return { pattern: viewStream(name), glob: false };
    }
    if (!glob && isViewStream(name)) {
      const message = `\`${name}\` is the inside of a view`;
      this.#report.add('MQL_BAD_VIEW', span, message, { hint: 'Read the view by its name.' });
    }
    return { pattern: name, glob };
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
    });
  }
}

function addField(fields: Map<string, CatalogueField>, field: CatalogueField): void {
  const known = fields.get(field.name);
  const type = known === undefined || known.type === field.type ? field.type : 'any';
  fields.set(field.name, { name: field.name, type });
}
