/**
 * The query behind "what differs": the same events and groups as another query, and for every
 * field of the stream how often each of its values came. Its aggregates have partials that travel,
 * so agents count by themselves and ship no event for it. Needs the grammar, so it is loaded when
 * it is used.
 */
import type { Expression, Query } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import type { FieldView, StreamView } from '../../src/coordinator/views.ts';
import { fieldText } from '../examples.ts';
import { FACET_FIELDS_MAX, FACET_VALUES_MAX } from '../limits.ts';

export interface Facet {
  readonly field: string;
  /** The result's column that carries it. */
  readonly column: string;
  /** Values and their counts, or buckets of numbers. */
  readonly kind: 'values' | 'numbers';
}

export interface FacetPlan {
  readonly query: string;
  readonly facets: readonly Facet[];
  /** Fields of the stream beyond the bound. */
  readonly beyond: number;
}

/** Column that counts a group's events. */
export const EVENTS_COLUMN = 'facet_events';

export type FacetAnswer =
  | { readonly plan: FacetPlan; readonly because: null }
  | { readonly plan: null; readonly because: string };

/**
 * `windowMs`: of the counts that are kept; a shorter one tells the moment better and costs more.
 */
export function facetPlan(
  text: string,
  streams: readonly StreamView[],
  windowMs: number,
): FacetAnswer {
  const { ast: query } = parse(text);
  if (query === null || query.from === null) return no('The query has mistakes.');
  if (query.explain !== 'none') return no('A plan has no events to compare; run the query itself.');
  const [source] = query.from.sources;
  const isOne = query.from.sources.length === 1 && query.from.joins.length === 0;
  if (source === undefined || !isOne || source.glob)
    return no('Only queries of one stream can be compared: this one joins or reads several.');
  const stream = streams.find(({ name }) => name === source.name);
  const fields = stream === undefined ? [] : comparable(query, text, stream.fields);
  if (fields.length === 0)
    return no('No field of this stream is known yet; fields appear once events were seen.');
  const facets = fields.slice(0, FACET_FIELDS_MAX).map(facetOf);
  const list = [`count(*) as ${EVENTS_COLUMN}`, ...facets.map(aggregateText)].join(', ');
  const parts = [
    `select ${list}`,
    text.slice(query.from.span.start, query.from.span.end),
    query.where === null ? '' : `where ${slice(text, query.where)}`,
    `window ${windowMs / 1_000}s`,
    query.sample === null ? '' : text.slice(query.sample.span.start, query.sample.span.end),
    groupText(query, text),
  ];
  const wanted = parts.filter((part) => part !== '').join(' ');
  return {
    plan: { query: wanted, facets, beyond: Math.max(0, fields.length - FACET_FIELDS_MAX) },
    because: null,
  };
}

function no(because: string): FacetAnswer {
  return { plan: null, because };
}

/** Keys of groups say nothing new, and lists or objects have too many values to compare. */
function comparable(query: Query, text: string, fields: readonly FieldView[]): FieldView[] {
  const keys = new Set(keysOf(query).map((key) => slice(text, key)));
  return fields.filter(
    ({ name, type }) =>
      !keys.has(name) &&
      !keys.has(fieldText(name)) &&
      ['string', 'number', 'boolean'].includes(type),
  );
}

function facetOf({ name, type, values }: FieldView, index: number): Facet {
  const kind = type === 'number' && !isCode(values) ? 'numbers' : 'values';
  return { field: name, column: `facet_${index}`, kind };
}

/** Whole numbers with few digits and few values are names rather than sizes: statuses, ports. */
function isCode(values: FieldView['values']): boolean {
  return (
    values.length > 0 &&
    values.length < CODE_VALUES_MAX &&
    values.every((value) => Number.isInteger(value) && Math.abs(Number(value)) < 1_000)
  );
}

/** The catalogue keeps five values; a field that has shown as many may have thousands. */
const CODE_VALUES_MAX = 5;

function aggregateText({ field, column, kind }: Facet): string {
  const name = fieldText(field);
  return kind === 'numbers'
    ? `histogram(${name}) as ${column}`
    : `topk(${name}, ${FACET_VALUES_MAX}) as ${column}`;
}

function groupText(query: Query, text: string): string {
  const keys = keysOf(query).map((key) => slice(text, key));
  return keys.length === 0 ? '' : `group by ${keys.join(', ')}`;
}

/** `GROUP BY 1` means the first column. */
function keysOf(query: Query): readonly Expression[] {
  return query.groupBy.map(({ expression }) => {
    if (expression.kind !== 'number') return expression;
    const item = query.select[expression.value - 1];
    return item?.kind === 'column' ? item.expression : expression;
  });
}

function slice(text: string, { span }: Expression): string {
  return text.slice(span.start, span.end);
}
