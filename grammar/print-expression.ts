/**
 * Canonical text of expressions. An operand is put in parentheses exactly if the grammar could not
 * read it back there, which the levels of precedence decide. Recursion follows the depth of the
 * tree, which `nesting.ts` has bounded.
 */
import type { Amount, Binary, Call, Case, Expression, PathStep, Property, Unary } from './ast.ts';
import { quoteName } from './scan-literals.ts';

/** Levels of precedence (L16), weakest first. */
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;
const ADDITIVE = 5;
const MULTIPLICATIVE = 6;
const UNARY = 7;
const PRIMARY = 8;

/** The canonical text of `node` where any expression may stand. */
export function printExpression(node: Expression): string {
  return printAt(node, OR);
}

/** Its text where an operand of a comparison must stand. */
export function printOperand(node: Expression): string {
  return printAt(node, ADDITIVE);
}

/** Its text where only a literal, a property, a call or parentheses may stand. */
export function printPrimary(node: Expression): string {
  return printAt(node, PRIMARY);
}

function printAt(node: Expression, weakest: number): string {
  const text = bareText(node);
  return levelOf(node) < weakest ? `(${text})` : text;
}

function levelOf(node: Expression): number {
  switch (node.kind) {
    case 'logical':
      return node.operator === 'or' ? OR : AND;
    case 'unary':
      return node.operator === 'not' ? NOT : UNARY;
    case 'binary':
      return levelOfOperator(node);
    case 'in':
    case 'between':
    case 'is-null':
      return COMPARISON;
    default:
      return PRIMARY;
  }
}

function levelOfOperator(node: Binary): number {
  switch (node.operator) {
    case '+':
    case '-':
      return ADDITIVE;
    case '*':
    case '/':
    case '%':
      return MULTIPLICATIVE;
    default:
      return COMPARISON;
  }
}

function bareText(node: Expression): string {
  switch (node.kind) {
    case 'string':
      return printString(node.value);
    case 'boolean':
      return node.value ? 'TRUE' : 'FALSE';
    case 'null':
      return 'NULL';
    case 'regex':
      return printRegex(node.pattern);
    case 'number':
    case 'duration':
    case 'parameter':
      return printAmount(node);
    case 'property':
      return printProperty(node);
    case 'unary':
      return printUnary(node);
    case 'binary':
      return printBinary(node);
    case 'logical': {
      const level = node.operator === 'or' ? AND : NOT;
      const operands = node.operands.map((operand) => printAt(operand, level));
      return operands.join(node.operator === 'or' ? ' OR ' : ' AND ');
    }
    case 'in': {
      const list = node.list.map(printExpression).join(', ');
      return `${printOperand(node.operand)}${node.negated ? ' NOT' : ''} IN (${list})`;
    }
    case 'between': {
      const range = `${printOperand(node.low)} AND ${printOperand(node.high)}`;
      return `${printOperand(node.operand)}${node.negated ? ' NOT' : ''} BETWEEN ${range}`;
    }
    case 'is-null':
      return `${printOperand(node.operand)} IS${node.negated ? ' NOT' : ''} NULL`;
    case 'case':
      return printCase(node);
    case 'call':
      return printCall(node);
  }
}

function printUnary(node: Unary): string {
  if (node.operator === 'not') return `NOT ${printAt(node.operand, NOT)}`;
  const operand = printAt(node.operand, UNARY);
  // `--` would start a comment.
  const gap = node.operator === '-' && operand.startsWith('-') ? ' ' : '';
  return `${node.operator}${gap}${operand}`;
}

function printBinary(node: Binary): string {
  const level = levelOfOperator(node);
  const operator = node.operator.toUpperCase();
  if (level === COMPARISON) {
    return `${printOperand(node.left)} ${operator} ${printOperand(node.right)}`;
  }
  return `${printAt(node.left, level)} ${operator} ${printAt(node.right, level + 1)}`;
}

function printCase(node: Case): string {
  const branches = node.branches.map(
    ({ when, then }) => ` WHEN ${printExpression(when)} THEN ${printExpression(then)}`,
  );
  const otherwise = node.otherwise === null ? '' : ` ELSE ${printExpression(node.otherwise)}`;
  return `CASE${branches.join('')}${otherwise} END`;
}

function printCall(node: Call): string {
  const args = node.star ? '*' : node.args.map(printExpression).join(', ');
  const filter = node.filter === null ? '' : ` FILTER (WHERE ${printExpression(node.filter)})`;
  return `${node.name}(${node.distinct ? 'DISTINCT ' : ''}${args})${filter}`;
}

function printProperty(node: Property): string {
  const { root } = node;
  const start =
    root.kind === 'event' ? 'e' : root.kind === 'quoted' ? quoteName(root.name) : root.name;
  return start + node.steps.map(printStep).join('');
}

function printStep(step: PathStep): string {
  switch (step.kind) {
    case 'key':
      return `[${printString(step.key)}]`;
    case 'index':
      return `[${step.index}]`;
    case 'parameter':
      return `[$${step.name}]`;
    case 'each':
      return '[*]';
    case 'name':
      return `.${step.name}`;
  }
}

/** A number, a duration or a parameter. */
export function printAmount(amount: Amount): string {
  switch (amount.kind) {
    case 'number':
      return String(amount.value);
    case 'duration':
      return `${amount.amount}${amount.unit}`;
    case 'parameter':
      return `$${amount.name}`;
  }
}

/** A text, number or truth value as a literal. */
export function printScalar(value: string | number | boolean): string {
  return typeof value === 'string' ? printString(value) : String(value);
}

/** A string literal: single quotes, the quote doubled. */
export function printString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function printRegex(pattern: string): string {
  let text = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    if (character === '\\' && pattern.charAt(i + 1) !== '/')
      text += character + pattern.charAt(++i);
    else text += character === '/' ? '\\/' : character;
  }
  return `/${text}/`;
}
