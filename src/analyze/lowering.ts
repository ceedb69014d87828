/** What the parts of expression lowering need of the whole; `lower-expression.ts` is the whole. */
import type { Expression } from '../../grammar/ast.ts';
import type {
  Expression as Ir,
  FieldExpression,
  FieldPath,
  SlotExpression,
} from '../ir/expression.ts';
import type { AnalysisContext } from './context.ts';
import type { LeafTypes } from './infer-type.ts';

export interface Leaves {
  readonly types: LeafTypes;
  /**
   * The lowered form of a node that means something special here; null: lower it as usual.
   * `inCondition`: a `[*]` in it would mean "some element".
   */
  intercept(node: Expression, inCondition: boolean): Ir | null;
  /** Whether a name is that of an output column here. */
  isColumn(node: Expression): boolean;
  /** Where the list stands whose elements `[*]` walks. */
  list(path: FieldPath): FieldExpression | SlotExpression;
}

export interface Lowering {
  readonly context: AnalysisContext;
  readonly leaves: Leaves;
  /** Lowers a node whose value counts. */
  value(node: Expression): Ir;
  /** Lowers a node whose truth counts. */
  condition(node: Expression): Ir;
  /** The text of a regular expression, checked. */
  pattern(node: Expression): string;
}
