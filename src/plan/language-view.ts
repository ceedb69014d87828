/** What the query language offers, for editors: `GET /api/v1/language`. */
import { CALLABLE_AGGREGATES } from '../analyze/aggregate-names.ts';
import { FUNCTIONS, signatureText } from '../ir/functions.ts';

export interface LanguageEntry {
  readonly name: string;
  readonly kind: 'function' | 'aggregate';
  readonly signature: string;
  readonly doc: string;
  readonly example: string;
  /** Of an aggregate: its error bound in words; null: exact. */
  readonly error: string | null;
}

export interface LanguageView {
  readonly functions: readonly LanguageEntry[];
}

/** Every scalar function and aggregate that a query may call by name. */
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
  return { functions: [...scalars, ...aggregates] };
}
