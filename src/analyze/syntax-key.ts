/**
 * A text that two syntax trees share exactly if they say the same: spans, the case of function
 * names and the unit a duration was written in do not count. It tells whether a column is a group
 * key, and whether two aggregates are one.
 */
import type { CaseBranch, Expression } from '../../grammar/ast.ts';

const keys = new WeakMap<Expression, string>();

export function syntaxKey(node: Expression): string {
  const known = keys.get(node);
  if (known !== undefined) return known;
  const key = JSON.stringify(partsOf(node));
  keys.set(node, key);
  return key;
}

function partsOf(node: Expression): readonly unknown[] {
  switch (node.kind) {
    case 'number':
      // JSON writes −0 as 0; the two are equal in the language.
      return ['n', node.value];
    case 'string':
    case 'boolean':
      return [node.kind, node.value];
    case 'null':
      return ['null'];
    case 'duration':
      return ['n', node.valueMs];
    case 'regex':
      return ['regex', node.pattern];
    case 'parameter':
      return ['parameter', node.name];
    case 'property':
      return ['property', node.root, node.steps];
    case 'unary':
      return [node.operator === '!' ? 'not' : node.operator, syntaxKey(node.operand)];
    case 'binary':
      return [node.operator, syntaxKey(node.left), syntaxKey(node.right)];
    case 'logical':
      return [node.operator, ...node.operands.map(syntaxKey)];
    case 'in':
      return ['in', node.negated, syntaxKey(node.operand), ...node.list.map(syntaxKey)];
    case 'between':
      return ['between', node.negated, ...[node.operand, node.low, node.high].map(syntaxKey)];
    case 'is-null':
      return ['is-null', node.negated, syntaxKey(node.operand)];
    case 'case':
      return ['case', ...node.branches.map(branchKey), optionalKey(node.otherwise)];
    case 'call':
      return [
        'call',
        node.name.toLowerCase(),
        node.distinct,
        node.star,
        optionalKey(node.filter),
        ...node.args.map(syntaxKey),
      ];
  }
}

function branchKey(branch: CaseBranch): readonly string[] {
  return [syntaxKey(branch.when), syntaxKey(branch.then)];
}

function optionalKey(node: Expression | null): string | null {
  return node === null ? null : syntaxKey(node);
}
