/**
 * A condition as a list of parts that must all hold, those first that an index can answer. Their
 * order does not matter for the outcome, because evaluation never throws and has no effects.
 */
import type { Expression, FieldPath } from '../ir/expression.ts';
import type { Value } from '../model/value.ts';
import { MIRRORED } from './compare-loops.ts';
import type { Comparison } from './compare-loops.ts';
import { isComparison } from './number-shapes.ts';
import type { RangeComparison } from './range-rows.ts';
import type { IndexedValue } from './value-rows.ts';

/** `field = constant`. */
export interface EqualityConjunct {
  readonly kind: 'equality';
  readonly path: FieldPath;
  readonly value: IndexedValue;
}

export interface TestConjunct {
  readonly kind: 'test';
  /** Equal texts are equal conditions. */
  readonly text: string;
  readonly expression: Expression;
}

/** `field < constant` and its kin. */
export interface RangeConjunct {
  readonly kind: 'range';
  readonly path: FieldPath;
  readonly comparison: RangeComparison;
  readonly constant: number;
  /** The whole comparison, for columns that are not numbers. */
  readonly expression: Expression;
}

export type Conjunct = EqualityConjunct | RangeConjunct | TestConjunct;

/**
 * Empty: every event. Texts before numbers, because they are told apart once a dictionary entry.
 */
export function conjunctsOf(where: Expression | null): readonly Conjunct[] {
  if (where === null) return [];
  const parts = where.op === 'and' ? where.args : [where];
  const conjuncts = parts.map((part) => equalityOf(part) ?? rangeOf(part) ?? testOf(part));
  return [0, 1, 2, 3].flatMap((rank) => conjuncts.filter((conjunct) => rankOf(conjunct) === rank));
}

function testOf(expression: Expression): TestConjunct {
  return { kind: 'test', text: JSON.stringify(expression), expression };
}

function equalityOf(part: Expression): EqualityConjunct | null {
  const sides = sidesOf(part);
  if (sides === null || sides.name !== 'eq') return null;
  const { path, value } = sides;
  const isIndexed = ['string', 'number', 'boolean'].includes(typeof value);
  return isIndexed ? { kind: 'equality', path, value: value as IndexedValue } : null;
}

function rangeOf(part: Expression): RangeConjunct | null {
  const sides = sidesOf(part);
  if (sides === null || !isRange(sides.name) || typeof sides.value !== 'number') return null;
  const { path, name: comparison, value: constant } = sides;
  return { kind: 'range', path, comparison, constant, expression: part };
}

/** A comparison of a field with a constant, the field on the left. */
function sidesOf(
  part: Expression,
): { readonly name: Comparison; readonly path: FieldPath; readonly value: Value } | null {
  if (part.op !== 'call' || !isComparison(part.name)) return null;
  const [a, b] = part.args;
  if (a?.op === 'field' && b?.op === 'literal') {
    return { name: part.name, path: a.path, value: b.value };
  }
  if (b?.op !== 'field' || a?.op !== 'literal') return null;
  return { name: MIRRORED[part.name], path: b.path, value: a.value };
}

function isRange(name: Comparison): name is RangeComparison {
  return name !== 'eq' && name !== 'ne';
}

/** What tells most apart for the least comes first. */
function rankOf(conjunct: Conjunct): number {
  switch (conjunct.kind) {
    case 'equality':
      return typeof conjunct.value === 'string' ? 0 : 1;
    case 'range':
      return 2;
    case 'test':
      return 3;
  }
}
