/**
 * The type of a lowered expression where it is evident from the text, and from the catalogue for
 * fields; `any` otherwise. Types never change what a query means: they become warnings and the
 * declared types of result columns.
 */
import type { CaseExpression, Expression, FieldPath } from '../ir/expression.ts';
import type { ColumnType } from '../ir/plan.ts';
import { isList } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { scalarFunction } from './scalar-functions.ts';

/** What a leaf is: fields of events and slots of rows, which only the caller knows. */
export interface LeafTypes {
  field(path: FieldPath): ColumnType;
  slot(index: number): ColumnType;
}

export const UNTYPED_LEAVES: LeafTypes = { field: () => 'any', slot: () => 'any' };

export function inferType(node: Expression, leaves: LeafTypes): ColumnType {
  switch (node.op) {
    case 'literal':
      return valueType(node.value);
    case 'field':
      if (node.path.some((step) => step.by === 'each')) return 'list';
      return node.path.length === 0 ? 'object' : leaves.field(node.path);
    case 'element':
      return 'any';
    case 'slot':
      return leaves.slot(node.index);
    case 'and':
    case 'or':
    case 'not':
    case 'match':
    case 'in':
    case 'some':
      return 'boolean';
    case 'case':
      return caseType(node, leaves);
    case 'call':
      return callType(node.name, node.args, leaves);
  }
}

export function valueType(value: Value): ColumnType {
  if (value === null) return 'any';
  if (typeof value === 'object') return isList(value) ? 'list' : 'object';
  return typeof value as 'number' | 'string' | 'boolean';
}

function callType(name: string, args: readonly Expression[], leaves: LeafTypes): ColumnType {
  const type = scalarFunction(name)?.result ?? 'any';
  if (type !== 'any' || !RETURNS_AN_ARGUMENT.has(name)) return type;
  return commonType(args.map((arg) => inferType(arg, leaves)));
}

/** Functions whose result is one of their arguments. */
const RETURNS_AN_ARGUMENT: ReadonlySet<string> = new Set(['coalesce', 'least', 'greatest']);

function caseType(node: CaseExpression, leaves: LeafTypes): ColumnType {
  const results = [...node.branches.map((branch) => branch.then), node.otherwise].filter(
    (result) => result.op !== 'literal' || result.value !== null,
  );
  return commonType(results.map((result) => inferType(result, leaves)));
}

function commonType(types: readonly ColumnType[]): ColumnType {
  const [first = 'any'] = types;
  return types.every((type) => type === first) ? first : 'any';
}
