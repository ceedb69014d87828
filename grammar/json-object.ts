/**
 * The JSON object behind SAMPLE (L10): JSON with either quote around strings. The scanner finds the
 * object's end and its entries with their places; which keys and values make sense is the business
 * of `sample-options.ts`. Values nest no deeper than a list of scalars, so nothing recurses far.
 */
import { codeAt, isAsciiDigit, isLetter, isSpace, widthOf, wordEnd } from './characters.ts';
import type { Span } from './span.ts';

export type JsonScalar = string | number | boolean | null;
export type JsonValue = JsonScalar | readonly JsonScalar[];

export interface JsonEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: JsonValue;
  readonly valueSpan: Span;
}

export interface JsonObjectText {
  readonly entries: readonly JsonEntry[];
}

export interface JsonScan {
  /** Offset behind the object; behind what could be skipped if it is broken. */
  readonly end: number;
  readonly value: JsonObjectText;
  /** The first mistake, with its place. */
  readonly mistake: { readonly message: string; readonly span: Span } | null;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Where and why scanning stopped; thrown and caught inside this file only. */
class JsonMistake extends Error {
  readonly span: Span;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.span = { start, end };
  }
}

/** Scans the object whose `{` is at `start`. Never throws. */
export function scanJsonObject(text: string, start: number): JsonScan {
  const scanner = new JsonScanner(text, start);
  try {
    const entries = scanner.object();
    return { end: scanner.offset, value: { entries }, mistake: null };
  } catch (mistake) {
    if (!(mistake instanceof JsonMistake)) throw mistake;
    return {
      end: Math.max(closingBrace(text, start), mistake.span.end),
      value: { entries: [] },
      mistake: { message: mistake.message, span: mistake.span },
    };
  }
}

/** Behind the `}` that ends a broken object, else the end of the text. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return i + 1;
  }
  return text.length;
}

class JsonScanner {
  readonly text: string;
  offset: number;

  constructor(text: string, offset: number) {
    this.text = text;
    this.offset = offset;
  }

  object(): JsonEntry[] {
    this.offset++;
    const entries: JsonEntry[] = [];
    this.skipSpace();
    if (this.take('}')) return entries;
    for (;;) {
      entries.push(this.entry());
      if (this.take('}')) return entries;
      this.expect(',', '`,` or `}`');
    }
  }

  private entry(): JsonEntry {
    this.skipSpace();
    const keyStart = this.offset;
    const key = this.string('a key in quotes');
    const keySpan = { start: keyStart, end: this.offset };
    this.skipSpace();
    this.expect(':', '`:`');
    this.skipSpace();
    const valueStart = this.offset;
    const value = this.text.charAt(this.offset) === '[' ? this.list() : this.scalar();
    const valueSpan = { start: valueStart, end: this.offset };
    this.skipSpace();
    return { key, keySpan, value, valueSpan };
  }

  private list(): JsonScalar[] {
    this.offset++;
    const items: JsonScalar[] = [];
    this.skipSpace();
    if (this.take(']')) return items;
    for (;;) {
      this.skipSpace();
      items.push(this.scalar());
      this.skipSpace();
      if (this.take(']')) return items;
      this.expect(',', '`,` or `]`');
    }
  }

  private scalar(): JsonScalar {
    const code = codeAt(this.text, this.offset);
    if (code === 34 || code === 39) return this.string('a string');
    if (code === 45 || isAsciiDigit(code)) return this.number();
    if (isLetter(code)) return this.word();
    throw this.unexpected('a string, a number, true, false or null');
  }

  private word(): JsonScalar {
    const end = wordEnd(this.text, this.offset);
    const word = this.text.slice(this.offset, end);
    if (word !== 'true' && word !== 'false' && word !== 'null') {
      throw new JsonMistake(`\`${word}\` needs quotes`, this.offset, end);
    }
    this.offset = end;
    return word === 'null' ? null : word === 'true';
  }

  private number(): number {
    NUMBER.lastIndex = this.offset;
    const match = NUMBER.exec(this.text);
    if (match === null) throw this.unexpected('a number');
    this.offset += match[0].length;
    return Number(match[0]);
  }

  private string(expected: string): string {
    const quote = this.text.charAt(this.offset);
    if (quote !== '"' && quote !== "'") throw this.unexpected(expected);
    const start = this.offset++;
    let value = '';
    for (;;) {
      const character = this.text.charAt(this.offset);
      if (character === '' || character < ' ') {
        throw new JsonMistake('This string has no end', start, this.offset);
      }
      this.offset++;
      if (character === quote) return value;
      value += character === '\\' ? this.escape() : character;
    }
  }

  private escape(): string {
    const start = this.offset - 1;
    const letter = this.text.charAt(this.offset++);
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) return plain;
    const digits = this.text.slice(this.offset, this.offset + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      const end = Math.min(this.offset, this.text.length);
      throw new JsonMistake('JSON has no such escape', start, end);
    }
    this.offset += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private skipSpace(): void {
    while (isSpace(codeAt(this.text, this.offset))) this.offset++;
  }

  private take(character: string): boolean {
    if (this.text.charAt(this.offset) !== character) return false;
    this.offset++;
    return true;
  }

  private expect(character: string, expected: string): void {
    if (!this.take(character)) throw this.unexpected(expected);
  }

  private unexpected(expected: string): JsonMistake {
    const code = codeAt(this.text, this.offset);
    const end = code < 0 ? this.offset : this.offset + widthOf(code);
    return new JsonMistake(`The options of SAMPLE want ${expected} here`, this.offset, end);
  }
}
