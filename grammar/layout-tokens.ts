/**
 * What the formatter lays out: every token with the comments around it, how it is written, and
 * whether a blank stands in front of it. Nothing here depends on where lines break.
 */
import { isSpace } from './characters.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

export interface Comment {
  readonly text: string;
  /** `--` to the end of the line: nothing can follow on its line. */
  readonly toLineEnd: boolean;
}

export interface LaidToken {
  readonly token: Token;
  /** As the formatter writes it. */
  readonly text: string;
  readonly spaceBefore: boolean;
  /** Comments on lines of their own in front of it. */
  readonly before: readonly Comment[];
  /** Comments behind it on its line. */
  readonly after: readonly Comment[];
}

export interface LaidText {
  readonly tokens: readonly LaidToken[];
  /** Comments on lines of their own behind the last token. */
  readonly tail: readonly Comment[];
}

/** @param tokens Of a text without lexical mistakes. */
export function layTokens(text: string, tokens: readonly Token[]): LaidText {
  const capitals = startsWithCapitals(tokens);
  const gaps = tokens.map((token, i) => commentsIn(text, tokens[i - 1]?.end ?? 0, token));
  const tail = commentsIn(text, tokens.at(-1)?.end ?? 0, { startOffset: text.length });
  const spaces = spacesBefore(tokens);
  const laid = tokens.map((token, i): LaidToken => {
    const { behind = [], ahead = [] } = gaps[i] ?? {};
    return {
      token,
      text: writtenAs(token, capitals),
      spaceBefore: spaces[i] ?? false,
      before: i === 0 ? [...behind, ...ahead] : ahead,
      after: (gaps[i + 1] ?? tail).behind,
    };
  });
  return { tokens: laid, tail: tail.ahead };
}

/** Keywords follow the first word of the query: all small, or all in capitals. */
function startsWithCapitals(tokens: readonly Token[]): boolean {
  const first = tokens[0]?.image ?? '';
  return first !== first.toLowerCase();
}

function writtenAs(token: Token, capitals: boolean): string {
  const label = token.tokenType.LABEL ?? '';
  const isKeyword = /^"[A-Z]+"$/.test(label) && /^[A-Za-z]+$/.test(token.image);
  if (!isKeyword) return token.image;
  return capitals ? token.image.toUpperCase() : token.image.toLowerCase();
}

// ---- Comments -----------------------------------------------------------------------------------

interface Gap {
  /** Comments before the first line break: they belong to the token in front. */
  readonly behind: readonly Comment[];
  /** The others belong to the token that follows. */
  readonly ahead: readonly Comment[];
}

/** Between two tokens of a good text stand only white space and whole comments. */
function commentsIn(text: string, from: number, { startOffset: to }: { startOffset: number }): Gap {
  const behind: Comment[] = [];
  const ahead: Comment[] = [];
  let isNewLine = false;
  let offset = from;
  while (offset < to) {
    const code = text.charCodeAt(offset);
    if (code === 10) isNewLine = true;
    if (isSpace(code)) {
      offset++;
      continue;
    }
    const toLineEnd = text.startsWith('--', offset);
    const end = commentEnd(text, offset, to, toLineEnd);
    const comment = { text: text.slice(offset, end).trimEnd(), toLineEnd };
    (isNewLine ? ahead : behind).push(comment);
    offset = end;
  }
  return { behind, ahead };
}

function commentEnd(text: string, from: number, to: number, toLineEnd: boolean): number {
  const mark = toLineEnd ? '\n' : '*/';
  const found = text.indexOf(mark, from + 2);
  if (found < 0 || found > to) return to;
  return toLineEnd ? found : found + mark.length;
}

// ---- Blanks -------------------------------------------------------------------------------------

/** Behind these nothing is set apart. */
const GLUES_NEXT = new Set([t.LeftParen, t.LeftBracket, t.Bang, t.Caret]);
/** These stand right behind what is in front. */
const GLUED = new Set([
  t.RightParen,
  t.RightBracket,
  t.LeftBracket,
  t.Comma,
  t.Semicolon,
  t.PathName,
]);
const SIGNS = new Set([t.Minus, t.Plus]);

function spacesBefore(tokens: readonly Token[]): readonly boolean[] {
  let clause = t.Select;
  /** A sign of which the operand follows at once. */
  let isPrefix = false;
  let afterOperand = false;
  let pipes = 0;
  return tokens.map((token, i) => {
    const type = token.tokenType;
    const previous = tokens[i - 1]?.tokenType;
    if (t.CLAUSE_TYPES.has(type)) clause = type;
    const wasPrefix = isPrefix;
    isPrefix = SIGNS.has(type) && !afterOperand;
    afterOperand = endsOperand(type, previous, afterOperand);
    if (type === t.Pipe) pipes++;
    if (previous === undefined) return false;
    if (type === t.Pipe) return pipes % 2 === 1;
    if (previous === t.Pipe && pipes % 2 === 1) return false;
    // Two signs in a row would begin a comment.
    if (wasPrefix) return SIGNS.has(type);
    if (GLUES_NEXT.has(previous) || GLUED.has(type)) return false;
    if (type === t.Percent) return clause !== t.Sample;
    // Only a function's name ends in front of its parenthesis.
    if (type === t.LeftParen) return previous !== t.Name;
    return true;
  });
}

function endsOperand(type: Token['tokenType'], previous: unknown, wasOperand: boolean): boolean {
  if (type === t.Star) return !wasOperand;
  return t.ENDS_OPERAND.has(type) && previous !== t.Anomaly;
}
