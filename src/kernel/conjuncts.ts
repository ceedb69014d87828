/**
 * A condition as a list of parts that must all hold, those first that an index can answer. Their
 * order does not matter for the outcome, because evaluation never throws and has no effects.
 */
import type { Expression, FieldPath } from '../ir/expression.ts';
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

export type Conjunct = EqualityConjunct | TestConjunct;

/**
 * Empty: every event. Texts before numbers, because they are told apart once a dictionary entry.
 */
export function conjunctsOf(where: Expression | null): readonly Conjunct[] {
  if (where === null) return [];
  const parts = where.op === 'and' ? where.args : [where];
  const conjuncts = parts.map((part) => equalityOf(part) ?? testOf(part));
  return [...conjuncts.filter(isText), ...conjuncts.filter(isOther), ...conjuncts.filter(isTest)];
}

function testOf(expression: Expression): TestConjunct {
  return { kind: 'test', text: JSON.stringify(expression), expression };
}

function equalityOf(part: Expression): EqualityConjunct | null {
  if (part.op !== 'call' || part.name !== 'eq') return null;
  const [a, b] = part.args;
  const field = a?.op === 'field' ? a : b;
  const constant = a?.op === 'field' ? b : a;
  if (field?.op !== 'field' || constant?.op !== 'literal') return null;
  const { value } = constant;
  const isIndexed = ['string', 'number', 'boolean'].includes(typeof value);
  return isIndexed ? { kind: 'equality', path: field.path, value: value as IndexedValue } : null;
}

function isText(conjunct: Conjunct): boolean {
  return conjunct.kind === 'equality' && typeof conjunct.value === 'string';
}

function isOther(conjunct: Conjunct): boolean {
  return conjunct.kind === 'equality' && typeof conjunct.value !== 'string';
}

function isTest(conjunct: Conjunct): boolean {
  return conjunct.kind === 'test';
}
