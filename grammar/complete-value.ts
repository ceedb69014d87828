/**
 * Values to compare with: behind a comparison or in the list of IN, the values that the field was
 * seen to have; also inside a string that has only been begun.
 */
import type { Completion } from './completion.ts';
import { fieldsInScope } from './language-catalogue.ts';
import type { LanguageCatalogue } from './language-catalogue.ts';
import { lex } from './lexer.ts';
import { printScalar } from './print-expression.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

export interface ValueCompletions {
  readonly list: readonly Completion[];
  /** The cursor is inside a string: nothing else can be proposed. */
  readonly isInString: boolean;
}

const NONE: ValueCompletions = { list: [], isInString: false };

/** Outside a string only before the first letter is typed: from then on it is another operand. */
export function completeValue(
  text: string,
  cursor: number,
  wordStart: number,
  catalogue: LanguageCatalogue,
): ValueCompletions {
  const { tokens, diagnostics } = lex(text.slice(0, cursor));
  const last = tokens.at(-1);
  const isOpen = diagnostics.some(({ code }) => code === 'MQL_UNTERMINATED');
  const isInString = isOpen && last?.tokenType === t.StringText;
  if ((isOpen || wordStart < cursor) && !isInString) return NONE;
  const name = comparedName(isInString ? tokens.slice(0, -1) : tokens);
  if (name === null) return { list: [], isInString };
  const field = fieldsInScope(text, catalogue).find((one) => one.name === name);
  const values = field?.values ?? [];
  const start = isInString ? (last?.startOffset ?? cursor) : cursor;
  // An editor that closes quotes by itself has put the other one there.
  const isClosed = isInString && text.charAt(cursor) === text.charAt(start);
  const span = { start, end: isClosed ? cursor + 1 : cursor };
  const typed = text.slice(start + 1, cursor).toLowerCase();
  const list = values
    .filter((value) => !isInString || String(value).toLowerCase().startsWith(typed))
    .map((value): Completion => {
      const written = printScalar(value);
      return { label: written, kind: 'value', insert: written, detail: `value of ${name}`, span };
    });
  return { list, isInString };
}

/** The property on the left of what comes next: of a comparison, LIKE, or IN and its list. */
function comparedName(tokens: readonly Token[]): string | null {
  let at = tokens.length - 1;
  const type = tokens[at]?.tokenType;
  if (type === t.LeftParen || type === t.Comma) {
    while (at > 0 && LIST.has(tokens[at]?.tokenType)) at--;
    if (tokens[at]?.tokenType !== t.In) return null;
  } else if (type !== t.Comparison && type !== t.Like && type !== t.ILike) {
    return null;
  }
  if (tokens[at - 1]?.tokenType === t.InfixNot) at--;
  return nameBefore(tokens, at);
}

const LIST: ReadonlySet<unknown> = new Set([
  t.LeftParen,
  t.Comma,
  t.StringText,
  t.NumberText,
  t.Minus,
  t.True,
  t.False,
]);

/** `a`, `` `a` `` or `e['a']` right in front of a token. */
function nameBefore(tokens: readonly Token[], at: number): string | null {
  const last = tokens[at - 1];
  if (last?.tokenType === t.Name || last?.tokenType === t.QuotedName) return String(last.payload);
  const isKey =
    last?.tokenType === t.RightBracket &&
    tokens[at - 2]?.tokenType === t.StringText &&
    tokens[at - 4]?.tokenType === t.Event;
  return isKey ? String(tokens[at - 2]?.payload) : null;
}
