/**
 * Default names of columns: a property by its path joined with dots, a literal by the text of its
 * value, an aggregate by its upper-case name and its argument's name (FILTER shows, DISTINCT
 * does not), anything else by its canonical text.
 */
import type { Call, Expression, Property } from '../../grammar/ast.ts';
import { printExpression } from '../../grammar/print.ts';
import { isAggregateName } from './aggregate-names.ts';
import type { SourceScope } from './source-scope.ts';

export function outputName(node: Expression, sources: SourceScope): string {
  switch (node.kind) {
    case 'property':
      return propertyName(node, sources);
    case 'number':
    case 'string':
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'unary':
      // −3 is written as an operator and a number, but it reads as a literal.
      if (node.operator === '-' && node.operand.kind === 'number') return `-${node.operand.value}`;
      return printExpression(node);
    case 'call':
      return isAggregateName(node.name) ? aggregateName(node, sources) : printExpression(node);
    default:
      return printExpression(node);
  }
}

/** The path's parts joined with dots, without the alias of its source. */
export function propertyName(node: Property, sources: SourceScope): string {
  const { root, steps } = node;
  const parts: (string | number)[] = [];
  if (root.kind === 'name') parts.push(sources.splitAlias(node)?.rest ?? root.name);
  if (root.kind === 'quoted') parts.push(root.name);
  for (const step of steps) {
    if (step.kind === 'key') parts.push(step.key);
    else if (step.kind === 'index') parts.push(step.index);
    else if (step.kind === 'name') parts.push(step.name);
    else if (step.kind === 'each') parts.push('*');
    else parts.push(`$${step.name}`);
  }
  return parts.join('.');
}

function aggregateName(node: Call, sources: SourceScope): string {
  const args = node.star ? '*' : node.args.map((arg) => outputName(arg, sources)).join(', ');
  const filter = node.filter === null ? '' : ` FILTER (WHERE ${printExpression(node.filter)})`;
  return `${node.name.toUpperCase()}(${args})${filter}`;
}
