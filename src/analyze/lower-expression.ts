/**
 * Syntax → IR expressions. The same code lowers expressions over events and over result rows; the
 * two differ in their {@link Leaves}, which are asked about every node first.
 *
 * A node stands where its value counts or where its truth does (a *condition*). It matters for
 * `[*]` only: as a value it is the list, in a condition "some element" (element-scope.ts).
 */
import type {
  Between,
  Binary,
  BinaryOperator,
  Call,
  Case,
  Expression,
  Property,
} from '../../grammar/ast.ts';
import type { Span } from '../../grammar/span.ts';
import type { Expression as Ir, MatchExpression } from '../ir/expression.ts';
import { call, literal, NULL } from './ir-nodes.ts';
import { lowerCall } from './lower-call.ts';
import type { Leaves, Lowering } from './lowering.ts';
import { hasEach, lowerProperty } from './lower-property.ts';
import { checkComparison, checkArithmetic } from './check-types.ts';
import { ElementScope } from './element-scope.ts';
import type { AnalysisContext } from './context.ts';

const CALL_NAMES: Partial<Record<BinaryOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '=': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==+': 'contains_text',
  like: 'like',
  ilike: 'ilike',
};
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);

export class ExpressionLowering implements Lowering {
  readonly context: AnalysisContext;
  readonly leaves: Leaves;

  constructor(context: AnalysisContext, leaves: Leaves) {
    this.context = context;
    this.leaves = leaves;
  }

  /** Lowers a node whose value counts. */
  value(node: Expression): Ir {
    return this.#lower(node, null);
  }

  /** Lowers a node whose truth counts. */
  condition(node: Expression): Ir {
    const special = this.leaves.intercept(node, true);
    if (special !== null) return special;
    if (node.kind === 'logical' && node.operator === 'or') {
      return { op: 'or', args: node.operands.map((operand) => this.condition(operand)) };
    }
    const { config, nextElementId, report } = this.context;
    const elements = new ElementScope(nextElementId, (path) => this.leaves.list(path));
    const operands = node.kind === 'logical' ? node.operands : [node];
    const parts = operands.map((operand) => this.#inChain(operand, elements));
    const closed = elements.close(parts, config.elementListsMax);
    if (closed !== null) return closed;
    const message = `more than ${config.elementListsMax} lists are tied together by \`[*]\``;
    report.add('MQL_TOO_MANY_LISTS', node.span, message, {
      hint: 'Compare each list on its own.',
    });
    return NULL;
  }

  /** One operand of an AND chain: through parentheses and OR its elements are the chain's. */
  #inChain(node: Expression, elements: ElementScope): Ir {
    const special = this.leaves.intercept(node, true);
    if (special !== null) return special;
    if (node.kind !== 'logical') return this.#lower(node, elements);
    const args = node.operands.map((operand) => this.#inChain(operand, elements));
    return { op: node.operator, args };
  }

  /** `elements` is null where a value counts and the scope of `[*]` inside a condition. */
  #lower(node: Expression, elements: ElementScope | null): Ir {
    const special = this.leaves.intercept(node, elements !== null);
    if (special !== null) return special;
    if (elements === null && isTest(node)) return this.condition(node);
    switch (node.kind) {
      case 'number':
      case 'string':
      case 'boolean':
        return literal(node.value);
      case 'null':
        return NULL;
      case 'duration':
        return literal(node.valueMs);
      case 'parameter':
        return literal(this.context.parameters.value(node.name, node.span));
      case 'regex':
        return this.#strayRegex(node.span);
      case 'property':
        return this.#property(node, elements);
      case 'unary':
        return this.#unary(node.operator, node.operand, elements);
      case 'binary':
        return this.#binary(node, elements);
      case 'logical':
        return this.condition(node);
      case 'in': {
        const list = node.list.map((item) => this.#lower(item, elements));
        return negatedIf(node.negated, {
          op: 'in',
          arg: this.#lower(node.operand, elements),
          list,
        });
      }
      case 'between':
        return this.#between(node, elements);
      case 'is-null':
        return negatedIf(node.negated, call('is_null', this.#lower(node.operand, elements)));
      case 'case':
        return this.#case(node, elements);
      case 'call':
        return this.#call(node, elements);
    }
  }

  #property(node: Property, elements: ElementScope | null): Ir {
    const lowered = lowerProperty(node, this.context);
    if (elements === null || lowered.op !== 'field' || !hasEach(lowered.path)) return lowered;
    return elements.element(lowered.path);
  }

  #unary(
    operator: '-' | '+' | '!' | 'not',
    operand: Expression,
    elements: ElementScope | null,
  ): Ir {
    if (operator === '!' || operator === 'not') return { op: 'not', arg: this.condition(operand) };
    const arg = this.#lower(operand, elements);
    checkArithmetic(operand, arg, this);
    if (arg.op === 'literal' && typeof arg.value === 'number') {
      // −0 and 0 are equal, and JSON knows one of them only.
      return literal(operator === '-' ? 0 - arg.value : arg.value);
    }
    return call(operator === '-' ? 'negate' : 'plus', arg);
  }

  #binary(node: Binary, elements: ElementScope | null): Ir {
    const { operator } = node;
    if (operator === '==~' || operator === '=~' || operator === '!~') {
      return this.#match(node, elements);
    }
    const left = this.#lower(node.left, elements);
    const right = this.#lower(node.right, elements);
    if (ARITHMETIC.has(operator)) {
      checkArithmetic(node.left, left, this);
      checkArithmetic(node.right, right, this);
    } else {
      checkComparison(node, left, right, this);
    }
    if (operator === 'not like') return { op: 'not', arg: call('like', left, right) };
    if (operator === 'not ilike') return { op: 'not', arg: call('ilike', left, right) };
    return call(CALL_NAMES[operator] ?? operator, left, right);
  }

  #match(node: Binary, elements: ElementScope | null): Ir {
    const match: MatchExpression = {
      op: 'match',
      mode: node.operator === '==~' ? 'full' : 'find',
      pattern: this.pattern(node.right),
      arg: this.#lower(node.left, elements),
    };
    return negatedIf(node.operator === '!~', match);
  }

  /** A regular expression that must be known now: a regex literal, a text, or a parameter. */
  pattern(node: Expression): string {
    const { report, parameters, checkPattern } = this.context;
    let pattern: string | null = null;
    if (node.kind === 'regex') ({ pattern } = node);
    if (node.kind === 'string') pattern = node.value;
    if (node.kind === 'parameter') {
      const value = parameters.value(node.name, node.span);
      if (value === null) return '';
      if (typeof value === 'string') pattern = value;
    }
    if (pattern === null) {
      const message = 'a regular expression must be written out, not computed';
      report.add('MQL_BAD_PATTERN', node.span, message, { hint: 'Write `/…/` or a text.' });
      return '';
    }
    const problem = checkPattern(pattern);
    if (problem !== null) {
      const span = placeInPattern(node, problem.position);
      report.add('MQL_BAD_PATTERN', span, `the pattern cannot run: ${problem.message}`, {
        hint: 'Patterns run in linear time (RE2): no look-around, no back-references.',
      });
    }
    return pattern;
  }

  #between(node: Between, elements: ElementScope | null): Ir {
    const operand = this.#lower(node.operand, elements);
    const low = call('ge', operand, this.#lower(node.low, elements));
    const high = call('le', operand, this.#lower(node.high, elements));
    return negatedIf(node.negated, { op: 'and', args: [low, high] });
  }

  #case(node: Case, elements: ElementScope | null): Ir {
    const branches = node.branches.map((branch) => ({
      when: this.condition(branch.when),
      then: this.#lower(branch.then, elements),
    }));
    const { otherwise } = node;
    return {
      op: 'case',
      branches,
      otherwise: otherwise === null ? NULL : this.#lower(otherwise, elements),
    };
  }

  #call(node: Call, elements: ElementScope | null): Ir {
    return lowerCall(node, this, (arg) => this.#lower(arg, elements));
  }

  #strayRegex(span: Span): Ir {
    this.context.report.add('MQL_BAD_PATTERN', span, 'a regular expression is not a value', {
      hint: 'It stands to the right of `==~`, `=~` or `!~`.',
    });
    return NULL;
  }
}

/** Where in the text a position of the pattern is: behind the opening slash or quote. */
function placeInPattern(node: Expression, position: number): Span {
  if (node.kind === 'parameter') return node.span;
  const start = Math.min(node.span.start + 1 + position, node.span.end);
  return { start, end: node.span.end };
}

function negatedIf(negated: boolean, node: Ir): Ir {
  return negated ? { op: 'not', arg: node } : node;
}

/** Nodes that test something: `[*]` inside them means "some element" wherever they stand. */
export function isTest(node: Expression): boolean {
  switch (node.kind) {
    case 'binary':
      return !ARITHMETIC.has(node.operator);
    case 'in':
    case 'between':
    case 'is-null':
    case 'logical':
      return true;
    case 'unary':
      return node.operator === '!' || node.operator === 'not';
    case 'call':
      return node.name.toLowerCase() === 'exists';
    default:
      return false;
  }
}
