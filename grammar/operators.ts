/**
 * Operators and punctuation, longest first (L6), and the spellings of other languages that are
 * taken for what they mean and reported with ours.
 */
import type { TokenType } from 'chevrotain';
import type { LexicalMistake } from './scan-literals.ts';
import * as t from './tokens.ts';

export interface OperatorScan {
  readonly type: TokenType;
  readonly end: number;
  /** The tree's operator for a comparison, else null. */
  readonly value: string | null;
  readonly mistake: LexicalMistake | null;
}

interface Spelling {
  readonly image: string;
  readonly type: TokenType;
  readonly value: string | null;
  /** How it is spelled here, if `image` is not it. */
  readonly instead: string | null;
}

const SIGNS: readonly (readonly [string, TokenType])[] = [
  ['&&', t.And],
  ['||', t.Or],
  ['!', t.Bang],
  ['+', t.Plus],
  ['-', t.Minus],
  ['*', t.Star],
  ['/', t.Slash],
  ['%', t.Percent],
  ['(', t.LeftParen],
  [')', t.RightParen],
  ['[', t.LeftBracket],
  [']', t.RightBracket],
  [',', t.Comma],
  [';', t.Semicolon],
  ['|', t.Pipe],
  ['^', t.Caret],
];

const FOREIGN: readonly (readonly [string, string])[] = [
  ['===', '=='],
  ['!==', '!='],
  ['=!', '!='],
  ['~=', '=~'],
  ['=<', '<='],
  ['=>', '>='],
  ['~', '=~'],
];

const BY_FIRST: ReadonlyMap<string, readonly Spelling[]> = spellings();

function spellings(): Map<string, Spelling[]> {
  const all: Spelling[] = [
    ...SIGNS.map(([image, type]) => ({ image, type, value: null, instead: null })),
    ...[...t.COMPARISONS].map(([image, value]) => ({
      image,
      type: t.Comparison,
      value,
      instead: null,
    })),
    ...FOREIGN.map(([image, instead]) => ({
      image,
      type: t.Comparison,
      value: t.COMPARISONS.get(instead) ?? null,
      instead,
    })),
    { image: '&', type: t.And, value: null, instead: '&&' },
  ];
  const byFirst = new Map<string, Spelling[]>();
  for (const spelling of all.toSorted((a, b) => b.image.length - a.image.length)) {
    const first = spelling.image.charAt(0);
    byFirst.set(first, [...(byFirst.get(first) ?? []), spelling]);
  }
  return byFirst;
}

/** The operator at `offset`, or null if none starts there. */
export function scanOperator(text: string, offset: number): OperatorScan | null {
  const candidates = BY_FIRST.get(text.charAt(offset));
  const found = candidates?.find(({ image }) => text.startsWith(image, offset));
  if (found === undefined) return null;
  const { image, type, value, instead } = found;
  const end = offset + image.length;
  const mistake = instead === null ? null : misspelled(image, instead, offset);
  return { type, end, value, mistake };
}

function misspelled(image: string, instead: string, start: number): LexicalMistake {
  return {
    code: 'MQL_OPERATOR',
    message: `There is no operator \`${image}\``,
    span: { start, end: start + image.length },
    hint: `Write ${instead}`,
    replacement: instead,
  };
}
