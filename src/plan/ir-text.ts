/**
 * IR expressions as readable text, for EXPLAIN and for messages: close to the language, but not
 * meant to be parsed. Slots show what they hold.
 */
import type { Expression, FieldPath } from '../ir/expression.ts';
import { functionNamed } from '../ir/functions.ts';
import { pathText } from '../ir/path-text.ts';
import type { AggregateSpec, SeriesSpec } from '../ir/plan.ts';

/** @param slots Texts of the row's slots, by index. */
export function expressionText(node: Expression, slots: readonly string[] = []): string {
  const text = (child: Expression): string => expressionText(child, slots);
  switch (node.op) {
    case 'literal':
      return typeof node.value === 'string'
        ? `'${node.value.replaceAll("'", "''")}'`
        : JSON.stringify(node.value);
    case 'field':
      return readText(node.path);
    case 'element':
      return node.path.length === 0 ? `x${node.id}` : `x${node.id}.${pathText(node.path)}`;
    case 'slot':
      return slots[node.index] ?? `slot ${node.index}`;
    case 'call':
      return callText(node.name, node.args.map(text));
    case 'and':
    case 'or':
      return `(${node.args.map(text).join(` ${node.op.toUpperCase()} `)})`;
    case 'not':
      return `NOT ${text(node.arg)}`;
    case 'match':
      return `${text(node.arg)} ${node.mode === 'full' ? '==~' : '=~'} ${regexText(node.pattern)}`;
    case 'in':
      return `${text(node.arg)} IN (${node.list.map(text).join(', ')})`;
    case 'case': {
      const branches = node.branches.map((b) => `WHEN ${text(b.when)} THEN ${text(b.then)} `);
      return `CASE ${branches.join('')}ELSE ${text(node.otherwise)} END`;
    }
    case 'some':
      return `some x${node.id} of ${text(node.over)}: ${text(node.condition)}`;
  }
}

/** What is read of an event, of some streams only as `plays.title`. */
export function readText(path: FieldPath): string {
  const [first, ...rest] = path;
  if (first === undefined) return '*';
  if (first.by !== 'stream') return pathText(path);
  return `${first.pattern}.${rest.length === 0 ? '*' : pathText(rest)}`;
}

export function aggregateText(spec: AggregateSpec): string {
  const distinct = spec.distinct ? 'distinct ' : '';
  const args = [spec.arg === null ? '*' : expressionText(spec.arg), ...spec.parameters];
  const filter = spec.filter === null ? '' : ` filter (where ${expressionText(spec.filter)})`;
  return `${spec.name}(${distinct}${args.join(', ')})${filter}`;
}

/** @param slots Texts of the slots before it. */
export function seriesText(spec: SeriesSpec, slots: readonly string[]): string {
  return `${spec.name}(${[expressionText(spec.arg, slots), ...spec.parameters].join(', ')})`;
}

function callText(name: string, args: readonly string[]): string {
  const signature = functionNamed(name);
  const [left, right] = args;
  if (name === 'is_null') return `${left} IS NULL`;
  if (signature?.family !== 'operator' || signature.symbol === null) {
    return `${name}(${args.join(', ')})`;
  }
  return right === undefined
    ? `${signature.symbol}${left}`
    : `(${left} ${signature.symbol} ${right})`;
}

function regexText(pattern: string): string {
  return `/${pattern.replaceAll('/', '\\/')}/`;
}
