/**
 * A text that two syntax trees share exactly if they say the same: spans, the case of function
 * names and the unit a duration was written in do not count. It tells whether a column is a group
 * key, and whether two aggregates are one.
 *
 * A node's text holds those of its children as they are, between brackets that stand nowhere else
 * but in quoted leaves: quoting them again would double their escapes at every level.
 */
import type { Expression } from '../../grammar/ast.ts';

const keys = new WeakMap<Expression, string>();

export function syntaxKey(node: Expression): string {
  const known = keys.get(node);
  if (known !== undefined) return known;
  const key = keyOf(node);
  keys.set(node, key);
  return key;
}

function keyOf(node: Expression): string {
  switch (node.kind) {
    case 'number':
      // JSON writes −0 as 0; the two are equal in the language.
      return leaf('n', node.value);
    case 'string':
    case 'boolean':
      return leaf(node.kind, node.value);
    case 'null':
      return leaf('null');
    case 'duration':
      return leaf('n', node.valueMs);
    case 'regex':
      return leaf('regex', node.pattern);
    case 'parameter':
      return leaf('parameter', node.name);
    case 'property':
      return leaf('property', node.root, node.steps);
    case 'unary':
      return inner([node.operator === '!' ? 'not' : node.operator], [node.operand]);
    case 'binary':
      return inner([node.operator], [node.left, node.right]);
    case 'logical':
      return inner([node.operator], node.operands);
    case 'in':
      return inner(['in', node.negated], [node.operand, ...node.list]);
    case 'between':
      return inner(['between', node.negated], [node.operand, node.low, node.high]);
    case 'is-null':
      return inner(['is-null', node.negated], [node.operand]);
    case 'case': {
      const branches = node.branches.flatMap(({ when, then }) => [when, then]);
      const { otherwise } = node;
      return inner(
        ['case', otherwise !== null],
        otherwise === null ? branches : [...branches, otherwise],
      );
    }
    case 'call': {
      const { args, distinct, filter, star } = node;
      const head = ['call', node.name.toLowerCase(), distinct, star, filter !== null];
      return inner(head, filter === null ? args : [...args, filter]);
    }
  }
}

function leaf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

function inner(head: readonly unknown[], children: readonly Expression[]): string {
  let key = `(${JSON.stringify(head)}`;
  for (const child of children) key += syntaxKey(child);
  return `${key})`;
}
