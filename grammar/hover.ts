/**
 * What stands at a cursor, in words: a clause, a function with its signature, an aggregate with its
 * error bound, a field with its type and some values, a stream with its fields. It reads tokens and
 * needs no text that parses.
 */
import { fieldsInScope, fieldsOf, sourcesNamedIn } from './language-catalogue.ts';
import type {
  CatalogueField,
  CatalogueFunction,
  CatalogueStream,
  LanguageCatalogue,
} from './language-catalogue.ts';
import { lex } from './lexer.ts';
import { QUERY_BYTES_MAX } from './limits.ts';
import { printScalar } from './print-expression.ts';
import type { Span } from './span.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';
import { wordDoc } from './word-docs.ts';

export interface Hover {
  readonly kind: 'word' | 'function' | 'aggregate' | 'field' | 'stream' | 'parameter' | 'duration';
  /** How it is written: a signature, a form, a name with its type. */
  readonly title: string;
  /** Sentences. */
  readonly text: string;
  /** What it is about. */
  readonly span: Span;
}

const FIELDS_SHOWN = 8;

/** What the token at `offset` is, or the one that ends there; null: nothing is known of it. */
export function hover(text: string, offset: number, catalogue: LanguageCatalogue): Hover | null {
  if (text.length > QUERY_BYTES_MAX) return null;
  const { tokens } = lex(text);
  for (const index of touched(tokens, offset)) {
    const token = tokens[index];
    const said = token === undefined ? null : describe({ text, tokens, index, token, catalogue });
    if (token === undefined || said === null) continue;
    return { ...said, span: { start: token.startOffset, end: token.end } };
  }
  return null;
}

interface Pointed {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly index: number;
  readonly token: Token;
  readonly catalogue: LanguageCatalogue;
}

type Said = Omit<Hover, 'span'>;

/** The token under the cursor, then the one that ends there. */
function touched(tokens: readonly Token[], offset: number): readonly number[] {
  return [
    tokens.findIndex((token) => token.startOffset <= offset && offset < token.end),
    tokens.findIndex(({ end }) => end === offset),
  ];
}

function describe(pointed: Pointed): Said | null {
  const { token, tokens, index } = pointed;
  const previous = tokens[index - 1]?.tokenType;
  switch (token.tokenType) {
    case t.Name:
      return describeName(pointed);
    case t.QuotedName: {
      const name = String(token.payload);
      const isStream = previous === t.From || previous === t.Join;
      return isStream ? describeStreams(name, pointed) : describeField(name, pointed);
    }
    case t.StreamName:
      return describeStreams((token.payload as t.StreamValue).name, pointed);
    case t.StringText: {
      const isKey = previous === t.LeftBracket && tokens[index - 2]?.tokenType === t.Event;
      return isKey ? describeField(String(token.payload), pointed) : null;
    }
    case t.ParameterName:
      return {
        kind: 'parameter',
        title: token.image,
        text: 'A parameter: its value is given with the query.',
      };
    case t.DurationText:
      return describeDuration(token);
    case t.AliasStar:
      return describeStreams(String(token.payload), pointed);
    default: {
      const word = wordDoc(token, previous);
      return word === null ? null : { kind: 'word', title: word.form, text: word.doc };
    }
  }
}

function describeName(pointed: Pointed): Said | null {
  const { token, tokens, index } = pointed;
  const name = String(token.payload);
  if (tokens[index + 1]?.tokenType === t.LeftParen) return describeFunction(name, pointed);
  const previous = tokens[index - 1]?.tokenType;
  if (previous === t.As) return null;
  const isAlias = previous === t.StreamName;
  return isAlias ? null : describeField(name, pointed);
}

// ---- Functions ----------------------------------------------------------------------------------

function describeFunction(name: string, { catalogue }: Pointed): Said | null {
  const wanted = name.toLowerCase();
  const found =
    catalogue.functions.find((one) => one.name === wanted) ?? percentile(wanted, catalogue);
  if (found === undefined) return null;
  const { signature, doc, aggregate = false, error } = found;
  const bound = aggregate ? ` Error: ${error ?? 'none, it is exact'}.` : '';
  return { kind: aggregate ? 'aggregate' : 'function', title: signature, text: `${doc}${bound}` };
}

/** Every percentile is spelled differently, `p95` and `p99.95`; they share one description. */
function percentile(name: string, catalogue: LanguageCatalogue): CatalogueFunction | undefined {
  if (!/^p[1-9][0-9.]*$/.test(name)) return undefined;
  return catalogue.functions.find((one) => one.name === 'percentile');
}

// ---- Fields and streams -------------------------------------------------------------------------

function describeField(name: string, pointed: Pointed): Said | null {
  const { text, catalogue } = pointed;
  const field =
    fieldNamed(name, fieldsInScope(text, catalogue)) ?? fieldOfAlias(name, text, catalogue);
  if (field === null) return null;
  const { values = [] } = field;
  return {
    kind: 'field',
    title: `${field.name}: ${field.type}`,
    text:
      values.length === 0
        ? 'A field.'
        : `A field, for example ${values.map(printScalar).join(', ')}.`,
  };
}

/** The field itself, or the one that `a.b.c` steps into. */
function fieldNamed(name: string, fields: readonly CatalogueField[]): CatalogueField | null {
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const field = fields.find((one) => one.name === name.slice(0, end));
    if (field !== undefined) return field;
  }
  return null;
}

function fieldOfAlias(
  name: string,
  text: string,
  catalogue: LanguageCatalogue,
): CatalogueField | null {
  const dot = name.indexOf('.');
  const source = sourcesNamedIn(text).find(({ alias }) => alias === name.slice(0, dot));
  if (dot < 1 || source === undefined) return null;
  const streams = catalogue.streams.filter((stream) => source.matches(stream.name));
  return fieldNamed(name.slice(dot + 1), fieldsOf(streams));
}

function describeStreams(written: string, { text, catalogue }: Pointed): Said | null {
  const source = sourcesNamedIn(text).find(
    ({ alias, name }) => name === written || alias === written,
  );
  const streams = catalogue.streams.filter(({ name }) => source?.matches(name) === true);
  const [first, ...others] = streams;
  if (first === undefined) {
    return { kind: 'stream', title: written, text: 'A stream that nobody offers yet.' };
  }
  if (others.length === 0) return { kind: 'stream', title: first.name, text: fieldsText(first) };
  const names = streams.map(({ name }) => name);
  return { kind: 'stream', title: written, text: `${streams.length} streams: ${listText(names)}.` };
}

function fieldsText({ fields }: CatalogueStream): string {
  if (fields.length === 0) return 'A stream; its fields appear once events were seen.';
  return `A stream with ${listText(fields.map(({ name }) => name))}.`;
}

function listText(names: readonly string[]): string {
  const more = names.length - FIELDS_SHOWN;
  return names.slice(0, FIELDS_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function describeDuration(token: Token): Said | null {
  const { payload } = token;
  if (typeof payload !== 'object' || payload === null || !('valueMs' in payload)) return null;
  return {
    kind: 'duration',
    title: token.image,
    text: `A duration: ${payload.valueMs} ms in expressions.`,
  };
}
