/**
 * Completions at a cursor: what may stand there, from the grammar's point of view and a catalogue
 * of streams, fields and functions. The text in front of the cursor is lexed as the parser would
 * lex it, so keywords are offered exactly where they would be keywords; a text that is wrong
 * further on, or not finished, does not matter.
 */
import { codeAt, isNameStart, isPlainName, isWordPart } from './characters.ts';
import { completeValue } from './complete-value.ts';
import type { Completion } from './completion.ts';
import { placeBehind } from './completion-place.ts';
import { fieldsInScope, fieldsOf, sourcesNamedIn } from './language-catalogue.ts';
import type { CatalogueField, LanguageCatalogue } from './language-catalogue.ts';
import { lex } from './lexer.ts';
import type { Lexed } from './lexer.ts';
import { QUERY_BYTES_MAX } from './limits.ts';
import { printScalar } from './print-expression.ts';
import { quoteName } from './scan-literals.ts';
import type { Span } from './span.ts';
import * as t from './tokens.ts';
import { docOfWords } from './word-docs.ts';

/** Most completions that are returned at once. */
const COMPLETIONS_MAX = 200;

/** Completions for the cursor at `offset`, those that start like the typed word, best first. */
export function complete(
  text: string,
  offset: number,
  catalogue: LanguageCatalogue,
): readonly Completion[] {
  const cursor = Math.max(0, Math.min(offset, text.length));
  if (cursor > QUERY_BYTES_MAX) return [];
  const start = typedStart(text, cursor);
  const values = completeValue(text, cursor, start, catalogue);
  if (values.isInString) return values.list.slice(0, COMPLETIONS_MAX);
  const front = text.slice(0, start);
  const before = lex(front);
  if (before.truncated || endsInsideLiteral(before) || endsInLineComment(front)) return [];
  const place = placeBehind(before.tokens, front);
  const span = { start, end: cursor };
  const typed = text.slice(start, cursor).replace(/^`/, '').toLowerCase();
  const all = [
    ...values.list,
    ...(place.streams ? streamCompletions(catalogue, span) : []),
    ...(place.operand ? operandCompletions(text, typed, catalogue, span) : []),
    ...place.keywords.map((word) => keywordCompletion(word, span)),
  ];
  return all.filter(({ label }) => label.toLowerCase().startsWith(typed)).slice(0, COMPLETIONS_MAX);
}

/** Where the word, parameter or back-quoted name that touches the cursor starts. */
function typedStart(text: string, cursor: number): number {
  let start = cursor;
  while (start > 0) {
    const code = codeAt(text, start - 1);
    const isJoint = code === 45 || code === 46 || code === 47 || code === 58;
    if (!isWordPart(code) && !isNameStart(code) && !isJoint) break;
    start--;
  }
  if (text.charAt(start - 1) === '$') return start - 1;
  // A joint at the front belongs to what stands before the word: `a - b`, `[0].b`.
  while (start < cursor && !isNameStart(codeAt(text, start))) start++;
  return text.charAt(start - 1) === '`' && oddBackQuotes(text, start) ? start - 1 : start;
}

function oddBackQuotes(text: string, end: number): boolean {
  return text.slice(0, end).split('`').length % 2 === 0;
}

function endsInsideLiteral({ diagnostics }: Lexed): boolean {
  return diagnostics.some(({ code }) => code === 'MQL_UNTERMINATED');
}

/** Whether whatever is typed at the end of `front` is comment. */
function endsInLineComment(front: string): boolean {
  return lex(`${front} x`).tokens.length === lex(front).tokens.length;
}

// ---- Items --------------------------------------------------------------------------------------

function keywordCompletion(word: string, span: Span): Completion {
  const detail = docOfWords(word)?.form ?? '';
  return { label: word, kind: 'keyword', insert: word, detail, span };
}

function streamCompletions(catalogue: LanguageCatalogue, span: Span): Completion[] {
  return catalogue.streams.map(({ name, fields }) => ({
    label: name,
    kind: 'stream',
    insert: nameText(name),
    detail: fields.length === 1 ? '1 field' : `${fields.length} fields`,
    span,
  }));
}

function operandCompletions(
  text: string,
  typed: string,
  catalogue: LanguageCatalogue,
  span: Span,
): Completion[] {
  if (typed.startsWith('$')) return parameterCompletions(text, span);
  const ofAlias = aliasFields(text, typed, catalogue);
  if (ofAlias !== null) {
    return ofAlias.fields.map((field) => fieldCompletion(field, span, `${ofAlias.alias}.`));
  }
  const functions = catalogue.functions.map(({ name, signature, doc }): Completion => ({
    label: name,
    kind: 'function',
    insert: `${name}(`,
    detail: doc === '' ? signature : `${signature}: ${doc}`,
    span,
  }));
  return [
    ...fieldsInScope(text, catalogue).map((field) => fieldCompletion(field, span, '')),
    ...aliasCompletions(text, span),
    ...functions,
  ];
}

function fieldCompletion(field: CatalogueField, span: Span, prefix: string): Completion {
  return {
    label: `${prefix}${field.name}`,
    kind: 'field',
    insert: prefix === '' ? nameText(field.name) : `${prefix}${field.name}`,
    detail: fieldDetail(field),
    span,
  };
}

/** Its type, and values it was seen to have: `string · 'us-east', 'eu-west'`. */
function fieldDetail({ type, values = [] }: CatalogueField): string {
  return values.length === 0 ? type : `${type} · ${values.map(printScalar).join(', ')}`;
}

/** The fields behind `alias.`, if what is typed begins with an alias of the text. */
function aliasFields(
  text: string,
  typed: string,
  catalogue: LanguageCatalogue,
): { readonly alias: string; readonly fields: readonly CatalogueField[] } | null {
  const dot = typed.indexOf('.');
  if (dot < 1) return null;
  const source = sourcesNamedIn(text).find(
    ({ alias }) => alias?.toLowerCase() === typed.slice(0, dot),
  );
  if (source?.alias === undefined || source.alias === null) return null;
  const streams = catalogue.streams.filter(({ name }) => source.matches(name));
  const fields = fieldsOf(streams).filter(({ name }) => isPlainName(name));
  return { alias: source.alias, fields };
}

/** Columns that the list names, and sources. */
function aliasCompletions(text: string, span: Span): Completion[] {
  const { tokens } = text.length > QUERY_BYTES_MAX ? { tokens: [] } : lex(text);
  const from = tokens.findIndex(({ tokenType }) => tokenType === t.From);
  const names = tokens.flatMap((token, i) => {
    const isAlias = tokens[i - 1]?.tokenType === t.As && token.tokenType !== t.StringText;
    // A word that is being typed is no alias yet.
    return isAlias && !touches(token, span) ? [{ name: String(token.payload), i }] : [];
  });
  return names.map(({ name, i }) => ({
    label: name,
    kind: 'alias',
    insert: nameText(name),
    detail: from >= 0 && i > from ? 'source' : 'column',
    span,
  }));
}

/** The parameters that the text has elsewhere. */
function parameterCompletions(text: string, span: Span): Completion[] {
  const { tokens } = text.length > QUERY_BYTES_MAX ? { tokens: [] } : lex(text);
  const names = tokens
    .filter((token) => token.tokenType === t.ParameterName && !touches(token, span))
    .map(({ image }) => image);
  return [...new Set(names)].map((name) => ({
    label: name,
    kind: 'parameter',
    insert: name,
    detail: 'given with the query',
    span,
  }));
}

function touches(token: t.Token, span: Span): boolean {
  return token.startOffset === span.start;
}

/** Literals and prefix operators would be read for these instead of the property. */
const NEEDS_QUOTES: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'not',
  'case',
  'distinct',
]);

function nameText(name: string): string {
  return isPlainName(name) && !NEEDS_QUOTES.has(name.toLowerCase()) ? name : quoteName(name);
}
