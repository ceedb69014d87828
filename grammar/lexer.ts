/**
 * The lexer (L1–L14): text → tokens and lexical mistakes. It never looks at a schema and never
 * throws. It keeps just enough context to tell keywords from names (`word-roles.ts`), a regular
 * expression from a division and a glob from a product. A mistake still yields the token that was
 * most likely meant, so that it is reported once and the parser goes on behind it.
 */
import type { TokenType } from 'chevrotain';
import {
  codeAt,
  isAsciiDigit,
  isNameStart,
  isPlainName,
  isSpace,
  isWordPart,
  nameEnd,
  widthOf,
} from './characters.ts';
import { diagnosticFrom, DIAGNOSTICS_MAX } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { scanJsonObject } from './json-object.ts';
import { QUERY_TOKENS_MAX } from './limits.ts';
import { scanOperator } from './operators.ts';
import {
  clip,
  quoteName,
  scanNumber,
  scanParameter,
  scanQuoted,
  scanRegex,
} from './scan-literals.ts';
import type { LexicalMistake, Scan } from './scan-literals.ts';
import * as t from './tokens.ts';
import type { Token, TokenValue } from './tokens.ts';
import { roleOf } from './word-roles.ts';
import type { ClauseContext } from './word-roles.ts';

export interface Lexed {
  readonly tokens: readonly Token[];
  /** At most {@link DIAGNOSTICS_MAX} + 1, so that the caller knows when there are more. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether lexing stopped at {@link QUERY_TOKENS_MAX}. */
  readonly truncated: boolean;
}

/**
 * Splits `text` into tokens, as if a token of type `behind` stood in front (null: nothing, so that
 * SELECT is the keyword). `text` is at most QUERY_BYTES_MAX long; the caller checks.
 */
export function lex(text: string, behind: TokenType | null = null): Lexed {
  const lexer = new Lexer(text, behind);
  lexer.run();
  return lexer;
}

class Lexer implements Lexed {
  readonly text: string;
  readonly tokens: Token[] = [];
  readonly diagnostics: Diagnostic[] = [];
  truncated = false;

  // The word context (see WordContext).
  previous: TokenType | null;
  beforePrevious: TokenType | null = null;
  afterOperand = false;
  clause: ClauseContext;
  openCases = 0;

  private offset = 0;
  private depth = 0;

  constructor(text: string, behind: TokenType | null) {
    this.text = text;
    this.previous = behind;
    this.clause = behind;
  }

  run(): void {
    for (;;) {
      this.skipBlank();
      if (this.offset >= this.text.length) return;
      if (this.tokens.length === QUERY_TOKENS_MAX) {
        this.truncated = true;
        return;
      }
      if (!this.scanStreamName()) this.scanToken();
    }
  }

  private scanToken(): void {
    const { text, offset } = this;
    const code = codeAt(text, offset);
    if (isNameStart(code)) return this.scanWord();
    const character = text.charAt(offset);
    const next = text.charCodeAt(offset + 1);
    if (isAsciiDigit(code) || (code === 46 && isAsciiDigit(next))) return this.scanNumber();
    switch (character) {
      case "'":
      case '"':
        return this.literal(t.StringText, scanQuoted(text, offset));
      case '`':
        return this.literal(t.QuotedName, scanQuoted(text, offset));
      case '$':
        return this.literal(t.ParameterName, scanParameter(text, offset));
      case '{':
        return this.previous === t.Sample ? this.scanJson() : this.scanStray();
      case '/':
        return this.expectsRegex()
          ? this.literal(t.RegexText, scanRegex(text, offset))
          : this.scanSign();
      case '.':
        return this.scanDot();
      default:
        return this.scanSign();
    }
  }

  // ---- Words ------------------------------------------------------------------------------------

  private scanWord(): void {
    const start = this.offset;
    const end = nameEnd(this.text, start);
    if (this.endsBadly(end)) {
      if (this.text.startsWith('.*', end) && !this.afterOperand) {
        return this.push(t.AliasStar, end + 2, this.text.slice(start, end));
      }
      return this.scanBadName(start, end);
    }
    const word = this.text.slice(start, end);
    const role = roleOf(this, word, end);
    this.push(role, end, role === t.Name ? word : null);
  }

  /** Whether a joint without a part behind it is glued to a name's end: `a::b`, `a..b`, `a.`. */
  private endsBadly(end: number): boolean {
    const code = this.text.charCodeAt(end);
    return code === 58 || code === 46 || code === 64;
  }

  private scanBadName(start: number, from: number): void {
    let end = from;
    for (;;) {
      const code = codeAt(this.text, end);
      if (code !== 58 && code !== 46 && code !== 64 && (code < 0 || !isWordPart(code))) break;
      end += widthOf(code);
    }
    const name = this.text.slice(start, end);
    this.mistake({
      code: 'MQL_NAME',
      message: `\`${clip(name)}\` is not a name`,
      span: { start, end },
      hint: 'A name has one joint (- : . @ /) between two parts; put any other key in back-quotes',
      replacement: quoteName(name),
    });
    this.push(t.Name, end, name);
  }

  /** A stream name or glob (L14), if one must stand here; the grammar says no to anything else. */
  private scanStreamName(): boolean {
    if (!this.expectsStream()) return false;
    const start = this.offset;
    let end = start;
    let glob = false;
    for (;;) {
      const code = codeAt(this.text, end);
      if (code === 42) {
        glob = true;
        end++;
      } else if (code >= 0 && isNameStart(code)) {
        end = nameEnd(this.text, end);
      } else if (code >= 0 && isWordPart(code)) {
        end += widthOf(code);
      } else if (
        (code === 45 || code === 46) &&
        end > start &&
        codeAt(this.text, end + 1) !== code
      ) {
        end++;
      } else {
        break;
      }
    }
    if (end === start) return false;
    const name = this.text.slice(start, end);
    if (!glob && !isPlainName(name)) {
      this.mistake({
        code: 'MQL_NAME',
        message: `\`${clip(name)}\` is not a stream name`,
        span: { start, end },
        hint: 'Put it in back-quotes',
        replacement: quoteName(name),
      });
    }
    this.push(t.StreamName, end, { name, glob });
    return true;
  }

  private expectsStream(): boolean {
    if (this.previous === t.From || this.previous === t.Join) return true;
    return this.previous === t.Comma && this.clause === t.From && this.depth === 0;
  }

  /** `.name` glued to a bracket (L13); any other point is a mistake. */
  private scanDot(): void {
    const start = this.offset;
    const next = codeAt(this.text, start + 1);
    const glued = this.previous === t.RightBracket && this.tokens.at(-1)?.end === start;
    if (!glued || next < 0 || !isNameStart(next)) return this.scanStray();
    const end = nameEnd(this.text, start + 1);
    this.push(t.PathName, end, this.text.slice(start + 1, end));
  }

  // ---- Literals ---------------------------------------------------------------------------------

  private literal(type: TokenType, scan: Scan<TokenValue>): void {
    if (scan.mistake !== null) this.mistake(scan.mistake);
    this.push(type, scan.end, scan.value);
  }

  private scanNumber(): void {
    const scan = scanNumber(this.text, this.offset);
    this.literal(typeof scan.value === 'number' ? t.NumberText : t.DurationText, scan);
  }

  private scanJson(): void {
    const { end, value, mistake } = scanJsonObject(this.text, this.offset);
    if (mistake !== null) {
      const hint = 'For example SAMPLE {"strategy": "RANDOM", "threshold": 200}';
      this.mistake({ code: 'MQL_SAMPLE', hint, ...mistake });
    }
    this.push(t.JsonText, end, value);
  }

  private expectsRegex(): boolean {
    if (this.previous !== t.Comparison) return false;
    const operator = this.tokens.at(-1)?.payload;
    return operator === '==~' || operator === '=~' || operator === '!~';
  }

  // ---- Operators and everything else ------------------------------------------------------------

  private scanSign(): void {
    const sign = scanOperator(this.text, this.offset);
    if (sign === null) return this.scanStray();
    if (sign.mistake !== null) this.mistake(sign.mistake);
    this.push(sign.type, sign.end, sign.value);
  }

  /** Characters that nothing starts with, one mistake for the whole run. */
  private scanStray(): void {
    const start = this.offset;
    let end = start;
    do {
      end += widthOf(codeAt(this.text, end));
    } while (end < this.text.length && this.isStray(end));
    const stray = this.text.slice(start, end);
    this.offset = end;
    this.mistake({
      code: 'MQL_CHARACTER',
      message: `\`${clip(stray)}\` means nothing here`,
      span: { start, end },
      hint: strayHint(stray),
    });
  }

  private isStray(offset: number): boolean {
    const code = codeAt(this.text, offset);
    if (isSpace(code) || isWordPart(code) || isNameStart(code)) return false;
    return (
      !'\'"`$./'.includes(this.text.charAt(offset)) && scanOperator(this.text, offset) === null
    );
  }

  private skipBlank(): void {
    const { text } = this;
    for (;;) {
      const code = codeAt(text, this.offset);
      if (code < 0) return;
      if (isSpace(code)) {
        this.offset += widthOf(code);
      } else if (code === 45 && text.charCodeAt(this.offset + 1) === 45) {
        this.skipLineComment();
      } else if (code === 47 && text.charCodeAt(this.offset + 1) === 42) {
        this.skipBlockComment();
      } else {
        return;
      }
    }
  }

  private skipLineComment(): void {
    const start = this.offset;
    const lineEnd = this.text.indexOf('\n', start);
    this.offset = lineEnd < 0 ? this.text.length : lineEnd;
    if (this.mayStartComment(start)) return;
    this.mistake({
      code: 'MQL_COMMENT',
      message: '`--` is glued to what stands in front of it',
      span: { start, end: start + 2 },
      hint: 'A comment needs white space in front; minus a negative number is a - -b',
    });
  }

  /** L3: the start of the text, white space, `,`, `;` or the end of another comment. */
  private mayStartComment(start: number): boolean {
    if (start === 0) return true;
    const before = this.text.charAt(start - 1);
    if (before === ',' || before === ';') return this.tokens.at(-1)?.end === start;
    if (this.text.startsWith('*/', start - 2)) return this.tokens.at(-1)?.end !== start;
    return isSpace(before.charCodeAt(0));
  }

  private skipBlockComment(): void {
    const start = this.offset;
    const close = this.text.indexOf('*/', start + 2);
    this.offset = close < 0 ? this.text.length : close + 2;
    if (close >= 0) return;
    this.mistake({
      code: 'MQL_UNTERMINATED',
      message: 'This comment has no end',
      span: { start, end: this.text.length },
      hint: 'Close it with */',
    });
  }

  // ---- State ------------------------------------------------------------------------------------

  private push(type: TokenType, end: number, payload: TokenValue): void {
    const start = this.offset;
    this.tokens.push({
      image: this.text.slice(start, end),
      startOffset: start,
      endOffset: end - 1,
      end,
      tokenTypeIdx: type.tokenTypeIdx ?? 0,
      tokenType: type,
      payload,
    });
    this.offset = end;
    this.follow(type);
  }

  /** Brings the word context behind a token of `type`. */
  private follow(type: TokenType): void {
    if (t.CLAUSE_TYPES.has(type) || type === t.Select) this.enterClause(type);
    else if (type === t.LeftParen || type === t.LeftBracket) this.depth++;
    else if (type === t.RightParen || type === t.RightBracket) this.depth--;
    else if (type === t.Case) this.openCases++;
    else if (type === t.End) this.openCases--;
    // `*` is an operand where one must start; `|` and `%` close a size where one has ended.
    if (type === t.Star) this.afterOperand = !this.afterOperand;
    else if (type === t.Pipe) this.afterOperand = this.previous !== t.Window;
    else if (type === t.Percent) this.afterOperand = this.clause === t.Sample;
    else this.afterOperand = t.ENDS_OPERAND.has(type) && this.previous !== t.Anomaly;
    this.beforePrevious = this.previous;
    this.previous = type;
  }

  private enterClause(type: TokenType): void {
    this.clause = type;
    this.depth = 0;
    this.openCases = 0;
  }

  private mistake(mistake: LexicalMistake): void {
    if (this.diagnostics.length > DIAGNOSTICS_MAX) return;
    const { code, message, span, hint, replacement } = mistake;
    const fixes =
      replacement === undefined
        ? undefined
        : [{ title: `Write ${clip(replacement)}`, span, text: replacement }];
    this.diagnostics.push(diagnosticFrom(this.text, { code, message, span, hint, fixes }));
  }
}

function strayHint(stray: string): string {
  if (stray.startsWith('{'))
    return 'Conditions stand in WHERE: WHERE status = 500; JSON only in SAMPLE';
  if (stray.startsWith('#')) return 'Comments are -- to the end of the line, or /* … */';
  if (stray.startsWith('.')) return 'Step into a value with a.b or a[0].b, without white space';
  return 'A property with such a key needs back-quotes';
}
