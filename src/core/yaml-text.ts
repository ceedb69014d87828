/**
 * YAML that others wrote, within bounds. The library composes by recursion, until the stack ends
 * and then again from the next bracket, and holds each key of a map against all keys before it, so
 * that a few kilobytes of brackets, or a map of 40,000 keys, take seconds of the thread. Its lexer
 * does neither: it tells nesting and keys beforehand, in about a sixth of the time of parsing.
 */
import { CST, Lexer, LineCounter, parseDocument, YAMLParseError } from 'yaml';
import type { Document } from 'yaml';
import { DEFAULTS } from '../config.ts';
import { expandAliases } from './expand-aliases.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';

/** As the library's `parseDocument`; what is beyond the bounds is its only error. */
export function parseYaml(text: string, lines: LineCounter): Document.Parsed {
  const fault = boundsFault(text, lines);
  // Pretty errors quote their line, once for each mistake in a line of any length.
  const options = { lineCounter: lines, prettyErrors: false };
  if (fault === null) return parseDocument(text, options);
  const document = parseDocument('', { prettyErrors: false });
  const { at, message } = fault;
  document.errors.push(new YAMLParseError([at, at + 1], 'RESOURCE_EXHAUSTION', message));
  return document;
}

/** The plain value of a text, or its first mistake with line and column. */
export function yamlValue(text: string): Result<unknown, string> {
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  const [first] = document.errors;
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0]);
    return err(`${line}:${col}: ${first.message.split('\n')[0] ?? 'not YAML'}`);
  }
  let mistake: string | null = null;
  const value = expandAliases(
    () => document.toJS() as unknown,
    (message) => (mistake = message),
  );
  return mistake === null ? ok(value) : err(mistake);
}

interface Fault {
  readonly at: number;
  readonly message: string;
}

/** A list or map that has begun. */
interface Level {
  /** Of its items; -1: it is in brackets, and ends with them. */
  readonly column: number;
  readonly isFlowMap: boolean;
  keys: number;
}

/** Null: within bounds, and `lines` is as it was. */
function boundsFault(text: string, lines: LineCounter): Fault | null {
  const scan = new NestingScan();
  for (const token of new Lexer().lex(text)) {
    const message = scan.token(token);
    if (message === null) continue;
    for (let at = 0; at >= 0 && at <= scan.offset;) {
      lines.addNewLine(at);
      const newline = text.indexOf('\n', at);
      at = newline < 0 ? -1 : newline + 1;
    }
    return { at: scan.offset, message };
  }
  return null;
}

/** Characters of the lexer's own, which stand for nothing in the text. */
const MARKS = new Set<string>([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

class NestingScan {
  /** Where the last token began. */
  offset = 0;
  readonly #levels: Level[] = [];
  #end = 0;
  #lineStart = 0;
  /** Where on this line a key may have begun; -1: nothing that may be one has come. */
  #keyColumn = -1;

  /** What is beyond a bound with this token; null: nothing. */
  token(source: string): string | null {
    if (MARKS.has(source)) return null;
    this.offset = this.#end;
    this.#end += source.length;
    const column = this.offset - this.#lineStart;
    const fault = this.#see(CST.tokenType(source), column);
    const newline = source.lastIndexOf('\n');
    if (newline >= 0) {
      this.#lineStart = this.offset + newline + 1;
      this.#keyColumn = -1;
    }
    return fault;
  }

  #see(type: CST.TokenType | null, column: number): string | null {
    switch (type) {
      case 'flow-map-start':
      case 'flow-seq-start':
        if (this.#keyColumn < 0) this.#keyColumn = column;
        return this.#begin({ column: -1, isFlowMap: type === 'flow-map-start', keys: 0 });
      case 'flow-map-end':
      case 'flow-seq-end':
        if (this.#isInFlow) this.#levels.pop();
        return null;
      case 'comma':
        return this.#top?.isFlowMap === true ? this.#key() : null;
      case 'seq-item-ind':
        this.#keyColumn = -1;
        return this.#isInFlow ? null : this.#block(column);
      case 'explicit-key-ind':
      case 'map-value-ind':
        return this.#mapping(type === 'map-value-ind' ? this.#keyColumn : -1, column);
      case 'doc-start':
      case 'doc-end':
        this.#levels.length = 0;
        return null;
      case 'space':
      case 'newline':
      case 'comment':
        return null;
      default:
        if (this.#keyColumn < 0) this.#keyColumn = column;
        return null;
    }
  }

  get #top(): Level | undefined {
    return this.#levels.at(-1);
  }

  get #isInFlow(): boolean {
    return this.#top?.column === -1;
  }

  /** In brackets, keys are told apart by commas. */
  #mapping(keyColumn: number, column: number): string | null {
    if (this.#isInFlow) return null;
    const fault = this.#block(keyColumn < 0 ? column : keyColumn);
    this.#keyColumn = -1;
    return fault ?? this.#key();
  }

  /** An item of the list or map of a column, which ends all that are further in. */
  #block(column: number): string | null {
    while ((this.#top?.column ?? -1) > column) this.#levels.pop();
    if (this.#top?.column === column) return null;
    return this.#begin({ column, isFlowMap: false, keys: 0 });
  }

  #begin(level: Level): string | null {
    this.#levels.push(level);
    const { yamlDepthMax } = DEFAULTS;
    return this.#levels.length > yamlDepthMax ? `nested deeper than ${yamlDepthMax} levels` : null;
  }

  #key(): string | null {
    const { yamlKeysMax } = DEFAULTS;
    const level = this.#top;
    if (level === undefined || ++level.keys <= yamlKeysMax) return null;
    return `more than ${yamlKeysMax} keys in one map`;
  }
}
