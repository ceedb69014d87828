/**
 * Whether an expression asks for a time, so that the clock need not be read for those that do not.
 */
import type { Expression } from '../ir/expression.ts';

const CLOCK_FUNCTIONS = new Set(['now', 'tick', 'event_time', 'ingest_time']);

export function readsClock(expression: Expression): boolean {
  switch (expression.op) {
    case 'literal':
    case 'field':
    case 'element':
    case 'slot':
      return false;
    case 'call':
      return CLOCK_FUNCTIONS.has(expression.name) || expression.args.some(readsClock);
    case 'and':
    case 'or':
      return expression.args.some(readsClock);
    case 'not':
    case 'match':
      return readsClock(expression.arg);
    case 'in':
      return readsClock(expression.arg) || expression.list.some(readsClock);
    case 'some':
      return readsClock(expression.condition);
    case 'case':
      return (
        readsClock(expression.otherwise) ||
        expression.branches.some(({ when, then }) => readsClock(when) || readsClock(then))
      );
  }
}
