/** What the query language offers, for editors: `GET /api/v1/language`. */
import { CALLABLE_AGGREGATES } from '../analyze/aggregate-names.ts';
import { FUNCTIONS, signatureText } from '../ir/functions.ts';
import { SERIES_FUNCTIONS } from '../series/catalogue.ts';

export interface LanguageEntry {
  readonly name: string;
  readonly kind: 'function' | 'aggregate' | 'series';
  readonly signature: string;
  readonly doc: string;
  readonly example: string;
  /** Of an aggregate: its error bound in words; null: exact. */
  readonly error: string | null;
}

export interface LanguageView {
  readonly functions: readonly LanguageEntry[];
}

/** Every scalar function, aggregate and function over series that a query may call by name. */
export function languageView(): LanguageView {
  const scalars = FUNCTIONS.filter((f) => f.symbol === null).map((f): LanguageEntry => ({
    name: f.name,
    kind: 'function',
    signature: signatureText(f),
    doc: f.summary,
    example: f.example,
    error: null,
  }));
  const aggregates = CALLABLE_AGGREGATES.map(({ name, definition: a }): LanguageEntry => ({
    name,
    kind: 'aggregate',
    signature: a.signature,
    doc: a.summary,
    example: a.example,
    error: a.errorBound,
  }));
  const series = SERIES_FUNCTIONS.map((s): LanguageEntry => ({
    name: s.name,
    kind: 'series',
    signature: s.signature,
    doc: s.summary,
    example: s.example,
    error: null,
  }));
  return { functions: [...scalars, ...aggregates, ...series] };
}
