/**
 * What the builder's buttons do to a text: each edit changes one place and leaves the rest as it
 * was written, comments included. Null: the text cannot be changed there. Pure.
 */
import type { Expression, Query } from '../../grammar/ast.ts';
import { hasErrors } from '../../grammar/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import type { Span } from '../../grammar/span.ts';
import { sourceText } from '../examples.ts';
import { queryWith } from '../narrow-query.ts';
import { filtersOf, sliceOf } from './read-query.ts';

export type QueryEdit =
  | { readonly kind: 'stream'; readonly name: string }
  | { readonly kind: 'add-filter'; readonly condition: string }
  | { readonly kind: 'remove-filter'; readonly index: number }
  | { readonly kind: 'add-show'; readonly column: string }
  | { readonly kind: 'remove-show'; readonly index: number }
  | { readonly kind: 'add-group'; readonly key: string }
  | { readonly kind: 'remove-group'; readonly index: number }
  /** Null: no window. */
  | { readonly kind: 'window'; readonly window: string | null };

/** An edit that would leave a text with mistakes is none. */
export function editQuery(text: string, edit: QueryEdit): string | null {
  const edited = text.trim() === '' ? begunBy(edit) : changedBy(text, edit);
  return edited === null || hasErrors(parse(edited).diagnostics) ? null : edited;
}

function begunBy(edit: QueryEdit): string | null {
  return edit.kind === 'stream' ? starterFor(edit.name) : null;
}

function changedBy(text: string, edit: QueryEdit): string | null {
  const { ast: query } = parse(text);
  return query === null || query.from === null ? null : appliedTo(text, query, edit);
}

function starterFor(stream: string): string {
  return `select count(*) as events from ${sourceText(stream)} window 1s`;
}

function appliedTo(text: string, query: Query, edit: QueryEdit): string | null {
  switch (edit.kind) {
    case 'stream': {
      const [source] = query.from?.sources ?? [];
      return source === undefined ? null : replaced(text, source.span, sourceText(edit.name));
    }
    case 'add-filter':
      return queryWith(text, edit.condition);
    case 'remove-filter':
      return withoutFilter(text, query, edit.index);
    case 'add-show':
      return withShow(text, query, edit.column);
    case 'remove-show':
      return withoutItem(text, query.select, edit.index);
    case 'add-group':
      return withGroup(text, query, edit.key);
    case 'remove-group':
      return query.groupBy.length === 1
        ? withoutClause(text, spanAround(query.groupBy), /\bgroup\s+by\s*$/i)
        : withoutItem(text, query.groupBy, edit.index);
    case 'window':
      return withWindow(text, query, edit.window);
  }
}

function withoutFilter(text: string, { where }: Query, index: number): string | null {
  const filters = filtersOf(where);
  if (where === null || filters[index] === undefined) return null;
  const kept = filters.filter((_, at) => at !== index).map((filter) => grouped(text, filter));
  if (kept.length > 0) return replaced(text, where.span, kept.join(' and '));
  return withoutClause(text, where.span, /\bwhere\s*$/i);
}

/** Parentheses around an OR may lie outside its span. */
function grouped(text: string, filter: Expression): string {
  const written = sliceOf(text, filter.span);
  const isOr = filter.kind === 'logical' && filter.operator === 'or';
  return isOr && !written.startsWith('(') ? `(${written})` : written;
}

/** `select *` shows everything; a column beside it is meant to take its place. */
function withShow(text: string, { select }: Query, column: string): string | null {
  const last = select.at(-1);
  if (last === undefined) return null;
  if (select.length === 1 && last.kind === 'star') return replaced(text, last.span, column);
  return replaced(text, { start: last.span.end, end: last.span.end }, `, ${column}`);
}

function withGroup(text: string, { groupBy, from }: Query, key: string): string | null {
  const last = groupBy.at(-1);
  if (last !== undefined) {
    return replaced(text, { start: last.span.end, end: last.span.end }, `, ${key}`);
  }
  const body = text.trimEnd().replace(/;$/, '').trimEnd();
  return from === null ? null : `${body} group by ${key}`;
}

function withWindow(text: string, { window, from }: Query, wanted: string | null): string | null {
  if (window !== null) {
    return wanted === null
      ? spliced(text, window.span)
      : replaced(text, window.span, `window ${wanted}`);
  }
  if (wanted === null || from === null) return null;
  return replaced(text, { start: from.span.end, end: from.span.end }, ` window ${wanted}`);
}

/** Takes an item out of a list, with the comma that parted it. */
function withoutItem(
  text: string,
  items: readonly { readonly span: Span }[],
  index: number,
): string | null {
  const item = items[index];
  if (item === undefined || items.length < 2) return null;
  const next = items[index + 1];
  const before = items[index - 1];
  if (next !== undefined)
    return replaced(text, { start: item.span.start, end: next.span.start }, '');
  return before === undefined
    ? null
    : replaced(text, { start: before.span.end, end: item.span.end }, '');
}

function withoutClause(text: string, span: Span, keyword: RegExp): string | null {
  const at = text.slice(0, span.start).search(keyword);
  return at < 0 ? null : spliced(text, { start: at, end: span.end });
}

/** Takes a span out with the white space around it. */
function spliced(text: string, { start, end }: Span): string {
  const before = text.slice(0, start).trimEnd();
  const after = text.slice(end).trimStart();
  return after === '' ? before : `${before} ${after}`;
}

function spanAround(items: readonly { readonly span: Span }[]): Span {
  return { start: items[0]?.span.start ?? 0, end: items.at(-1)?.span.end ?? 0 };
}

function replaced(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}
