/**
 * The formatter: one layout for a query, for people to read. It moves white space and the case of
 * keywords only: tokens, their order and all comments stay, so the text parses to the same tree.
 *
 * A short query stays on one line; otherwise each clause has its own, and what is too wide is
 * broken at its weakest separator: commas, then OR, then AND, then the branches of a CASE. Time is
 * linear in the tokens for each level of nesting, which `nesting.ts` has bounded.
 */
import type { TokenType } from 'chevrotain';
import type { Diagnostic } from './diagnostic.ts';
import { layTokens } from './layout-tokens.ts';
import type { LaidToken } from './layout-tokens.ts';
import { LayoutWriter } from './layout-writer.ts';
import { parse } from './parse.ts';
import * as t from './tokens.ts';

export interface Formatted {
  /** Without a line break at its end; null if the query has mistakes. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A query of at most so many characters, without comments, stays on one line. */
const ONE_LINE_MAX = 60;
/** Widest line that is not broken. */
const WIDTH_MAX = 80;
const INDENT = 2;

export function format(text: string): Formatted {
  const { ast, diagnostics, tokens } = parse(text);
  if (ast === null) return { text: null, diagnostics };
  const laid = layTokens(text, tokens);
  const writer = new LayoutWriter();
  const pieces = piecesOf(laid.tokens);
  const isShort = isFlat(pieces) && laid.tail.length === 0 && widthOf(pieces) <= ONE_LINE_MAX;
  if (isShort) writeFlat(pieces, writer);
  else writeClauses(pieces, writer);
  writer.comments(laid.tail, 0);
  return { text: writer.text(), diagnostics };
}

// ---- Structure ----------------------------------------------------------------------------------

/** A token, or what stands between parentheses or CASE and END, together with these. */
type Piece = LaidToken | Nest;

interface Nest {
  readonly open: LaidToken;
  readonly body: readonly Piece[];
  readonly close: LaidToken;
  readonly width: number;
  readonly flat: boolean;
}

const OPENS: ReadonlySet<TokenType> = new Set([t.LeftParen, t.Case]);
const CLOSES: ReadonlySet<TokenType> = new Set([t.RightParen, t.End]);

function piecesOf(laid: readonly LaidToken[]): readonly Piece[] {
  const outer: { readonly open: LaidToken; readonly before: Piece[] }[] = [];
  let pieces: Piece[] = [];
  for (const token of laid) {
    const type = token.token.tokenType;
    if (OPENS.has(type)) {
      outer.push({ open: token, before: pieces });
      pieces = [];
      continue;
    }
    const level = CLOSES.has(type) ? outer.pop() : undefined;
    if (level === undefined) {
      pieces.push(token);
      continue;
    }
    const { open, before } = level;
    before.push(nestOf(open, pieces, token));
    pieces = before;
  }
  return pieces;
}

function nestOf(open: LaidToken, body: readonly Piece[], close: LaidToken): Nest {
  const parts = [open, ...body, close];
  return { open, body, close, width: widthOf(parts), flat: isFlat(parts) };
}

function opensCase({ open }: Nest): boolean {
  return open.token.tokenType === t.Case;
}

function typeOf(piece: Piece | undefined): TokenType | undefined {
  return piece !== undefined && 'token' in piece ? piece.token.tokenType : undefined;
}

/** Width on one line, the blank in front of the first included. */
function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + pieceWidth(piece), 0);
}

function pieceWidth(piece: Piece): number {
  if ('open' in piece) return piece.width;
  const comments = piece.after.reduce((sum, { text }) => sum + 1 + text.length, 0);
  return (piece.spaceBefore ? 1 : 0) + piece.text.length + comments;
}

/** Whether all of it can stand on one line. */
function isFlat(pieces: readonly Piece[]): boolean {
  return pieces.every((piece) => {
    if ('open' in piece) return piece.flat;
    const holdsLine = piece.after.every(
      ({ text, toLineEnd }) => !toLineEnd && !text.includes('\n'),
    );
    return holdsLine && piece.before.length === 0 && !piece.text.includes('\n');
  });
}

// ---- Clauses ------------------------------------------------------------------------------------

const JOINS: ReadonlySet<TokenType> = new Set([t.Join, t.Left, t.Inner]);

function writeClauses(pieces: readonly Piece[], writer: LayoutWriter): void {
  const starts = pieces.map((piece, i) => {
    const type = typeOf(piece);
    return i > 0 && type !== undefined && t.CLAUSE_TYPES.has(type);
  });
  splitBefore(pieces, (_piece, i) => starts[i] === true).forEach((clause, i) => {
    if (i > 0) writer.line(0);
    writeClause(clause, writer);
  });
}

function writeClause(clause: readonly Piece[], writer: LayoutWriter): void {
  if (typeOf(clause[0]) === t.From) {
    const joins = splitBefore(
      clause,
      (piece, i) =>
        JOINS.has(typeOf(piece) as TokenType) && !JOINS.has(typeOf(clause[i - 1]) as TokenType),
    );
    joins.forEach((part, i) => {
      if (i > 0) writer.line(INDENT);
      writeWithin(part, i > 0 ? INDENT : 0, writer);
    });
    return;
  }
  const headLength = headLengthOf(clause);
  const head = clause.slice(0, headLength);
  const rest = clause.slice(headLength);
  const fits = isFlat(rest) && writer.column + widthOf(clause) <= WIDTH_MAX;
  const isSplit =
    separatorOf(rest) !== null || rest.some((piece) => 'open' in piece && opensCase(piece));
  if (fits || headLength === 0 || !isSplit) {
    writeWithin(clause, 0, writer);
    return;
  }
  writeFlat(head, writer);
  writer.line(INDENT);
  writeBroken(rest, INDENT, writer, false);
}

/** Words in front of a list or condition; 0: a clause that is neither. */
function headLengthOf(clause: readonly Piece[]): number {
  const select = clause.findIndex((piece) => typeOf(piece) === t.Select);
  if (select >= 0) return select + 1;
  switch (typeOf(clause[0])) {
    case t.Where:
    case t.Having:
      return 1;
    case t.Group:
    case t.Order:
      return 2;
    default:
      return 0;
  }
}

// ---- Breaking -----------------------------------------------------------------------------------

type Separator = 'comma' | 'or' | 'and' | 'branch';

/** On one line if it fits behind what stands there; else broken at its weakest separator. */
function writeWithin(pieces: readonly Piece[], indent: number, writer: LayoutWriter): void {
  if (isFlat(pieces) && writer.column + widthOf(pieces) <= WIDTH_MAX) writeFlat(pieces, writer);
  else writeBroken(pieces, indent, writer, true);
}

/** @param hangs Whether parts behind the first stand further in. */
function writeBroken(
  pieces: readonly Piece[],
  indent: number,
  writer: LayoutWriter,
  hangs: boolean,
): void {
  const separator = separatorOf(pieces);
  if (separator === null) {
    for (const piece of pieces) writePiece(piece, indent, writer);
    return;
  }
  const inner = indent + (hangs ? INDENT : 0);
  splitAt(pieces, separator).forEach((part, i) => {
    if (i > 0) writer.line(inner);
    writeWithin(part, inner, writer);
  });
}

function writePiece(piece: Piece, indent: number, writer: LayoutWriter): void {
  if (!('open' in piece)) {
    writer.token(piece, indent + INDENT);
    return;
  }
  if (piece.flat && writer.column + piece.width <= WIDTH_MAX) {
    writeFlat([piece], writer);
    return;
  }
  writer.token(piece.open, indent + INDENT);
  if (piece.body.length > 0) {
    writer.line(indent + INDENT);
    const fits = isFlat(piece.body) && writer.column + widthOf(piece.body) <= WIDTH_MAX;
    if (fits && !opensCase(piece)) writeFlat(piece.body, writer);
    else writeBroken(piece.body, indent + INDENT, writer, false);
    writer.line(indent);
  }
  writer.token(piece.close, indent + INDENT);
}

function writeFlat(pieces: readonly Piece[], writer: LayoutWriter): void {
  for (const piece of pieces) {
    if ('open' in piece) {
      writeFlat([piece.open, ...piece.body, piece.close], writer);
    } else {
      writer.token(piece, INDENT);
    }
  }
}

/** Weakest first. */
const SEPARATORS: readonly Separator[] = ['comma', 'branch', 'or', 'and'];

/** The weakest separator that parts the pieces of one level; null: there is none. */
function separatorOf(pieces: readonly Piece[]): Separator | null {
  return SEPARATORS.find((separator) => splitAt(pieces, separator).length > 1) ?? null;
}

function splitAt(pieces: readonly Piece[], separator: Separator): readonly (readonly Piece[])[] {
  return splitBefore(pieces, (piece, i) => {
    switch (separator) {
      case 'comma':
        return typeOf(pieces[i - 1]) === t.Comma;
      case 'branch':
        return typeOf(piece) === t.When || typeOf(piece) === t.Else;
      case 'or':
        return typeOf(piece) === t.Or;
      case 'and':
        return typeOf(piece) === t.And && !endsBetween(pieces, i);
    }
  });
}

/** Whether the AND at `index` belongs to a BETWEEN: no other AND stands between the two. */
function endsBetween(pieces: readonly Piece[], index: number): boolean {
  for (let i = index - 1; i >= 0; i--) {
    const type = typeOf(pieces[i]);
    if (type === t.Between) return true;
    if (type === t.And || type === t.Or || type === t.Comma) return false;
  }
  return false;
}

function splitBefore(
  pieces: readonly Piece[],
  starts: (piece: Piece, index: number) => boolean,
): readonly (readonly Piece[])[] {
  const parts: Piece[][] = [[]];
  pieces.forEach((piece, i) => {
    if (i > 0 && starts(piece, i)) parts.push([]);
    parts.at(-1)?.push(piece);
  });
  return parts;
}
