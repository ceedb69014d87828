/**
 * Completion in the editor: streams where a source stands, elsewhere the fields of the query's
 * streams with their types, functions with their signatures, and the clauses that may follow. What
 * stands where is decided on the tokens in front of the caret, so it works in half-written text.
 */
import { snippetCompletion } from '@codemirror/autocomplete';
import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete';
import type { StreamView } from '../src/coordinator/views.ts';
import { lex } from '../grammar/lexer.ts';
import type { Token } from '../grammar/tokens.ts';
import type { Catalogue, LanguageFunction } from './catalogue.ts';
import { fieldText, sourceText } from './examples.ts';
import { safeText } from './format.ts';

/** Clauses in the order people write them. */
const CLAUSES: readonly string[] = [
  'from',
  'where',
  'window',
  'group by',
  'having',
  'order by',
  'limit',
  'sample',
  'emit every',
  'lateness',
];

const NOT_CODE: ReadonlySet<string> = new Set(['StringText', 'RegexText', 'JsonText']);
const SOURCE_LEADS: ReadonlySet<string> = new Set(['From', 'Join']);
const CLAUSE_LEADS: ReadonlySet<string> = new Set([
  'Select',
  'Where',
  'Group',
  'Having',
  'Order',
  'Window',
  'Limit',
  'Sample',
  'Emit',
  'Lateness',
  'On',
]);

const WORD = /[\p{L}\p{Nd}_@.:/`-]*$/u;

export function mqlCompletion(catalogue: Catalogue): CompletionSource {
  return (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString();
    const before = text.slice(0, context.pos);
    const word = WORD.exec(before)?.[0] ?? '';
    const from = context.pos - word.length;
    const tokens = lex(before.slice(0, from)).tokens;
    const inside = lex(text).tokens.find((t) => t.startOffset < context.pos && context.pos < t.end);
    if (inside !== undefined && NOT_CODE.has(inside.tokenType.name)) return null;
    const atSource = isAtSource(tokens);
    const wanted = word !== '' || context.explicit || atSource || endsInGroupBy(tokens);
    if (!wanted || startsWithDigit(word)) return null;
    const options = atSource
      ? streamOptions(catalogue.streams.value)
      : expressionOptions(catalogue, text, tokens);
    return { from, options, validFor: /^[\p{L}\p{Nd}_@.:/`-]*$/u };
  };
}

function startsWithDigit(word: string): boolean {
  return /^\p{Nd}/u.test(word);
}

/** Behind FROM or JOIN, or behind a comma that goes on with FROM's list. */
function isAtSource(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)?.tokenType.name;
  if (last === undefined) return false;
  if (SOURCE_LEADS.has(last)) return true;
  if (last !== 'Comma') return false;
  const lead = tokens.findLast(
    ({ tokenType }) => SOURCE_LEADS.has(tokenType.name) || CLAUSE_LEADS.has(tokenType.name),
  );
  return lead?.tokenType.name === 'From';
}

function endsInGroupBy(tokens: readonly Token[]): boolean {
  return tokens.at(-1)?.tokenType.name === 'By';
}

function streamOptions(streams: readonly StreamView[]): Completion[] {
  return streams.map((stream) => ({
    label: safeText(stream.name),
    apply: sourceText(stream.name),
    type: 'class',
    detail: `${stream.agents} agents`,
  }));
}

function expressionOptions(
  catalogue: Catalogue,
  text: string,
  before: readonly Token[],
): Completion[] {
  const named = sourcesOf(text);
  const streams = catalogue.streams.value.filter(
    (stream) => named.size === 0 || named.has(stream.name),
  );
  const fields = new Map<string, Completion>();
  for (const stream of streams) {
    for (const field of stream.fields) {
      fields.set(field.name, {
        label: safeText(field.name),
        apply: fieldText(field.name),
        type: 'property',
        detail: safeText(field.type, 12),
        boost: 2,
      });
    }
  }
  return [
    ...fields.values(),
    ...catalogue.functions.value.map(functionOption),
    ...clauseOptions(before),
  ];
}

function functionOption({ name, signature, doc, aggregate }: LanguageFunction): Completion {
  const word = name.toLowerCase();
  const bare = /\(\s*\)$/.test(signature);
  return snippetCompletion(`${word}(${bare ? '' : '${}'})`, {
    label: word,
    type: 'function',
    detail: safeText(signature, 48),
    boost: aggregate ? 1 : 0,
    ...(doc === '' ? {} : { info: safeText(doc, 240) }),
  });
}

/** Clauses that are not there yet; SELECT on empty text. */
function clauseOptions(before: readonly Token[]): Completion[] {
  if (before.length === 0) return [{ label: 'select', type: 'keyword', boost: 9 }];
  const used = new Set(before.map(({ image }) => image.toLowerCase()));
  return CLAUSES.filter((clause) => !used.has(clause.split(' ')[0] ?? clause)).map((clause) => ({
    label: clause,
    type: 'keyword',
  }));
}

/** Names that stand behind FROM or JOIN anywhere in the text. */
function sourcesOf(text: string): ReadonlySet<string> {
  const { tokens } = lex(text);
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    const lead = tokens[i - 1]?.tokenType.name ?? '';
    if (SOURCE_LEADS.has(lead)) names.add(token.image.replace(/^`|`$/g, ''));
  });
  return names;
}
