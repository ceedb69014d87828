/** What the builder offers to choose from, and what a choice is as text. Pure. */
import type { FieldView } from '../../src/coordinator/views.ts';
import { fieldText } from '../examples.ts';

export interface Measure {
  readonly name: string;
  readonly title: string;
  /** What it wants of a field; null: no field. */
  readonly of: 'any' | 'number' | null;
}

export const MEASURES: readonly Measure[] = [
  { name: 'count', title: 'count of events', of: null },
  { name: 'rate', title: 'events a second', of: null },
  { name: 'avg', title: 'average of', of: 'number' },
  { name: 'p50', title: 'p50 of', of: 'number' },
  { name: 'p95', title: 'p95 of', of: 'number' },
  { name: 'p99', title: 'p99 of', of: 'number' },
  { name: 'max', title: 'largest of', of: 'number' },
  { name: 'min', title: 'smallest of', of: 'number' },
  { name: 'sum', title: 'sum of', of: 'number' },
  { name: 'count_distinct', title: 'different values of', of: 'any' },
  { name: 'topk', title: 'most frequent of', of: 'any' },
  { name: 'histogram', title: 'spread of', of: 'number' },
];

export function measureText({ name, of }: Measure, field: string): string {
  if (name === 'count') return 'count(*)';
  if (of === null) return `${name}()`;
  return name === 'topk' ? `topk(${fieldText(field)}, 10)` : `${name}(${fieldText(field)})`;
}

export interface Operator {
  readonly text: string;
  readonly title: string;
  /** Whether there is a value to compare with. */
  readonly compares: boolean;
}

export const OPERATORS: readonly Operator[] = [
  { text: '=', title: 'is', compares: true },
  { text: '!=', title: 'is not', compares: true },
  { text: '>', title: 'above', compares: true },
  { text: '>=', title: 'at least', compares: true },
  { text: '<', title: 'below', compares: true },
  { text: '<=', title: 'at most', compares: true },
  { text: '==+', title: 'contains', compares: true },
  { text: 'is not null', title: 'is there', compares: false },
  { text: 'is null', title: 'is missing', compares: false },
];

/** Text that reads as a number is one, unless the field is known to hold texts. */
export function conditionText(
  field: FieldView,
  { text, compares }: Operator,
  value: string,
): string {
  const name = fieldText(field.name);
  return compares ? `${name} ${text} ${literalText(field.type, value)}` : `${name} ${text}`;
}

function literalText(type: string, value: string): string {
  if (type === 'boolean' && /^(?:true|false)$/i.test(value)) return value.toLowerCase();
  const isNumber = /^-?(?:\d+\.?\d*|\.\d+)$/.test(value.trim());
  if (type !== 'string' && isNumber) return value.trim();
  return `'${value.replaceAll("'", "''")}'`;
}

export const WINDOWS: readonly string[] = ['1s', '2s', '5s', '10s', '30s', '1m', '5m'];
