/**
 * The sources of a join by the names that properties may begin with. A source has its alias, or
 * else the name of its stream or table; names need not be plain words (`us-east.status`), so the
 * longest that fits counts. What a name means never depends on what is known of streams.
 */
import type { Join, Source } from '../../grammar/ast.ts';
import type { ColumnType, SourcePattern } from '../ir/plan.ts';
import type { CatalogueField, CatalogueTable, FieldCatalogue } from './field-catalogue.ts';
import type { Reporter } from './reporter.ts';

/** A source that is a stream or a view: what it reads, and what is known of that. */
export interface ResolvedSource {
  readonly pattern: SourcePattern;
  readonly fields: ReadonlyMap<string, CatalogueField>;
}

export interface JoinedSource {
  readonly alias: string;
  readonly source: Source;
  /** Null: the first source, which is joined to nothing. */
  readonly join: Join | null;
  /** Of a table one that no stream has. */
  readonly pattern: SourcePattern;
  /** Set for a table that the catalogue knows. */
  readonly table: CatalogueTable | null;
  readonly fields: ReadonlyMap<string, CatalogueField>;
}

/** A join without a time is with a table: there is nothing else that it could be. */
export function isTableJoin(join: Join | null): join is Join {
  return join !== null && join.within === null;
}

export function joinedSources(
  sources: readonly Source[],
  joins: readonly Join[],
  known: JoinedNames,
  report: Reporter,
): readonly JoinedSource[] {
  const [first, ...rest] = sources;
  if (first === undefined) return [];
  const [extra] = rest;
  if (extra !== undefined) {
    const message = 'a join begins with one source, not with several';
    report.add('MQL_JOIN_SOURCES', extra.span, message, {
      hint: 'A pattern reads several streams as one: `FROM plays* p JOIN …`.',
    });
  }
  const joined = [
    joinedSource(first, null, known),
    ...joins.map((join) => joinedSource(join.source, join, known)),
  ];
  const seen = new Set<string>();
  for (const { alias, source } of joined) {
    if (seen.has(alias) && source.alias === null) {
      const message = `two sources of the join are called \`${alias}\``;
      report.add('MQL_DUPLICATE_ALIAS', source.span, message, {
        hint: 'Give each an alias: `FROM a x JOIN a y …`.',
      });
    }
    seen.add(alias);
  }
  return joined;
}

interface JoinedNames {
  readonly catalogue: FieldCatalogue | null;
  /** Of the sources that are no tables. */
  readonly resolved: ReadonlyMap<Source, ResolvedSource>;
}

function joinedSource(
  source: Source,
  join: Join | null,
  { catalogue, resolved }: JoinedNames,
): JoinedSource {
  const alias = source.alias ?? source.name;
  const stream = resolved.get(source);
  if (stream !== undefined) return { alias, source, join, table: null, ...stream };
  const table = catalogue?.table?.(source.name) ?? null;
  const fields = new Map<string, CatalogueField>();
  for (const field of table?.fields ?? []) addField(fields, field);
  return { alias, source, join, table, pattern: { pattern: source.name, glob: false }, fields };
}

/** Several streams of one source may have a field with several types. */
export function addField(fields: Map<string, CatalogueField>, field: CatalogueField): void {
  const known = fields.get(field.name);
  const type: ColumnType = known === undefined || known.type === field.type ? field.type : 'any';
  // Where only some deny a field, others give it.
  const isDenied = field.isDenied === true && known?.isDenied !== false;
  fields.set(field.name, { name: field.name, type, isDenied });
}

/** Whether some of the fields is `name`, or lies above or below it. */
export function knowsName(fields: ReadonlyMap<string, CatalogueField>, name: string): boolean {
  if (fields.has(name)) return true;
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    if (fields.has(name.slice(0, dot))) return true;
  }
  for (const field of fields.keys()) if (field.startsWith(`${name}.`)) return true;
  return false;
}
