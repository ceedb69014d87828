/** What the query language offers, for editors: `GET /api/v1/language`. */
import { AGGREGATES } from '../aggregate/catalogue.ts';
import { FUNCTIONS, signatureText } from '../ir/functions.ts';

export interface LanguageEntry {
  readonly name: string;
  readonly kind: 'function' | 'aggregate';
  readonly signature: string;
  readonly doc: string;
  readonly example: string;
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
  }));
  const aggregates = [...AGGREGATES.values()]
    .filter((a) => a.name !== 'first_event')
    .map((a): LanguageEntry => ({
      name: a.name,
      kind: 'aggregate',
      signature: a.signature,
      doc: a.errorBound === null ? a.summary : `${a.summary} (${a.errorBound})`,
      example: a.example,
    }));
  return { functions: [...scalars, ...aggregates] };
}
