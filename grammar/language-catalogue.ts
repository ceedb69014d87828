/**
 * What an editor knows beside the text: streams with their fields, and what a query may call. And
 * which of it a text speaks of.
 */
import { lex } from './lexer.ts';
import { QUERY_BYTES_MAX } from './limits.ts';
import * as t from './tokens.ts';

export interface CatalogueField {
  readonly name: string;
  readonly type: string;
  /** A few values that it was seen to have. */
  readonly values?: readonly (string | number | boolean)[];
}

export interface CatalogueStream {
  readonly name: string;
  readonly fields: readonly CatalogueField[];
}

export interface CatalogueFunction {
  readonly name: string;
  readonly signature: string;
  readonly doc: string;
  readonly aggregate?: boolean;
  /** Of an aggregate that is not exact: its bound, in words. */
  readonly error?: string | null;
}

export interface LanguageCatalogue {
  readonly streams: readonly CatalogueStream[];
  readonly functions: readonly CatalogueFunction[];
}

/** A source that a text names. */
export interface NamedSource {
  /** As written; a glob has its stars. */
  readonly name: string;
  readonly alias: string | null;
  /** Whether a stream of this name is meant. */
  readonly matches: (name: string) => boolean;
}

/** The sources that a text names, wherever they stand. */
export function sourcesNamedIn(text: string): readonly NamedSource[] {
  if (text.length > QUERY_BYTES_MAX) return [];
  const { tokens } = lex(text);
  return tokens.flatMap((token, i): NamedSource[] => {
    const matches = streamTest(token, tokens[i - 1]?.tokenType);
    if (matches === null) return [];
    const name = token.tokenType === t.StreamName ? token.image : String(token.payload);
    const next = tokens[i + 1]?.tokenType === t.As ? tokens[i + 2] : tokens[i + 1];
    const isAlias = next?.tokenType === t.Name || next?.tokenType === t.QuotedName;
    return [{ name, alias: isAlias ? String(next.payload) : null, matches }];
  });
}

function streamTest(token: t.Token, before: unknown): NamedSource['matches'] | null {
  if (token.tokenType === t.StreamName) {
    const { name, glob } = token.payload as t.StreamValue;
    return glob ? globTest(name) : exactly(name);
  }
  const isQuoted = token.tokenType === t.QuotedName && (before === t.From || before === t.Join);
  return isQuoted ? exactly(String(token.payload)) : null;
}

/** The streams that the text names; all if none of them is known. */
export function streamsInScope(
  text: string,
  catalogue: LanguageCatalogue,
): readonly CatalogueStream[] {
  const named = sourcesNamedIn(text);
  const tests = named.length === 0 ? [exactly('stream')] : named.map(({ matches }) => matches);
  const inScope = catalogue.streams.filter(({ name }) => tests.some((matches) => matches(name)));
  return inScope.length === 0 ? catalogue.streams : inScope;
}

/** Fields of the streams that the whole text names, each name once; values of all together. */
export function fieldsInScope(
  text: string,
  catalogue: LanguageCatalogue,
): readonly CatalogueField[] {
  return fieldsOf(streamsInScope(text, catalogue));
}

/** Fields of some streams, each name once. */
export function fieldsOf(streams: readonly CatalogueStream[]): readonly CatalogueField[] {
  const byName = new Map<string, CatalogueField>();
  for (const field of streams.flatMap(({ fields }) => fields)) {
    const known = byName.get(field.name);
    byName.set(field.name, known === undefined ? field : together(known, field));
  }
  return [...byName.values()];
}

function together(a: CatalogueField, b: CatalogueField): CatalogueField {
  const values = [...new Set([...(a.values ?? []), ...(b.values ?? [])])];
  return { name: a.name, type: a.type === b.type ? a.type : 'mixed', values };
}

function exactly(wanted: string): NamedSource['matches'] {
  return (name) => name === wanted;
}

/** Greedy matching of the parts between the stars; linear in the name for each part. */
function globTest(glob: string): NamedSource['matches'] {
  const parts = glob.split('*');
  const head = parts[0] ?? '';
  const tail = parts.at(-1) ?? '';
  return (name) => {
    if (name.length < head.length + tail.length) return false;
    if (!name.startsWith(head) || !name.endsWith(tail)) return false;
    let from = head.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, from);
      if (found < 0 || found + part.length > name.length - tail.length) return false;
      from = found + part.length;
    }
    return true;
  };
}
