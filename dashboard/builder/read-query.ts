/**
 * What a query says in the builder's terms: stream, filters, what is shown, groups, window. Every
 * part keeps its place in the text, so that an edit changes that place and nothing else. What the
 * builder has no form for is a part as it was written. Pure.
 */
import type { Expression, Query } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import type { Span } from '../../grammar/span.ts';

export interface BuiltPart {
  readonly text: string;
  readonly span: Span;
}

export interface BuiltQuery {
  /** The one stream that is read; null: several, a pattern or none. */
  readonly stream: BuiltPart | null;
  /** All sources as written. */
  readonly sources: string;
  /** What WHERE joins by AND. */
  readonly filters: readonly BuiltPart[];
  /** Columns, with their names. */
  readonly shows: readonly BuiltPart[];
  readonly groups: readonly BuiltPart[];
  /** `1s`, `10s SLIDE 1s`, `|100|`; null: no window. */
  readonly window: string | null;
  /** What it has besides, by its keyword: the builder leaves it alone. */
  readonly others: readonly string[];
}

/** Null: the text has mistakes, or is no query that the builder could change. */
export function readQuery(text: string): BuiltQuery | null {
  const { ast: query } = parse(text);
  if (query === null || query.from === null || query.explain !== 'none') return null;
  const { from } = query;
  const [source] = from.sources;
  const isOne = from.sources.length === 1 && from.joins.length === 0 && source?.glob === false;
  const part = ({ span }: { readonly span: Span }): BuiltPart => ({
    text: sliceOf(text, span),
    span,
  });
  return {
    stream: isOne && source !== undefined ? { text: source.name, span: source.span } : null,
    sources: sliceOf(text, from.span).replace(/^from\s+/i, ''),
    filters: filtersOf(query.where).map(part),
    shows: query.select.map(part),
    groups: query.groupBy.map(part),
    window: query.window === null ? null : windowText(sliceOf(text, query.window.span)),
    others: othersOf(query),
  };
}

export function filtersOf(where: Expression | null): readonly Expression[] {
  if (where === null) return [];
  return where.kind === 'logical' && where.operator === 'and' ? where.operands : [where];
}

function windowText(clause: string): string {
  return clause.replace(/^window\s+/i, '').trim();
}

function othersOf(query: Query): readonly string[] {
  const { having, orderBy, limit, sample, emit, lateness, replay, anomaly } = query;
  return [
    having === null ? '' : 'having',
    orderBy.length === 0 ? '' : 'order by',
    limit === null ? '' : 'limit',
    sample === null ? '' : 'sample',
    emit === null ? '' : 'emit',
    lateness === null ? '' : 'lateness',
    replay === null ? '' : 'replay',
    anomaly === null ? '' : 'anomaly',
  ].filter((word) => word !== '');
}

export function sliceOf(text: string, { start, end }: Span): string {
  return text.slice(start, end);
}
