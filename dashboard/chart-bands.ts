/**
 * Which columns of a result lie around which other: the bounds of a sampled count (`n ±`), and what
 * BASELINE and its band say of the same aggregate. Needs the grammar for the latter, so it is
 * loaded when it is used.
 */
import type { Call, Expression } from '../grammar/ast.ts';
import { parse } from '../grammar/parse.ts';
import { printExpression } from '../grammar/print-expression.ts';
import type { BandColumns } from './chart-model.ts';

/** By the index of the column that is charted; columns that only lie around have no chart. */
export interface BandPlan {
  readonly bands: ReadonlyMap<number, BandColumns>;
  readonly hidden: ReadonlySet<number>;
}

/** A map, for a query may call anything that objects inherit. */
const PARTS: ReadonlyMap<string, keyof BandColumns> = new Map([
  ['baseline_low', 'low'],
  ['baseline_high', 'high'],
  ['baseline', 'expected'],
  ['ewma', 'expected'],
  ['des', 'expected'],
  ['holt_winters', 'expected'],
]);

/** `columns`: names of the numeric columns that are kept, in their order. */
export function bandPlan(query: string, columns: readonly string[]): BandPlan {
  const bands = new Map<number, BandColumns>();
  const hidden = new Set<number>();
  const put = (of: number, part: keyof BandColumns, index: number): void => {
    const known = bands.get(of) ?? { low: null, high: null, expected: null, error: null };
    if (known[part] !== null) return;
    bands.set(of, { ...known, [part]: index });
    hidden.add(index);
  };
  columns.forEach((name, index) => {
    const of = name.endsWith(' ±') ? columns.indexOf(name.slice(0, -2)) : -1;
    if (of >= 0) put(of, 'error', index);
  });
  const calls = aliasedCalls(query);
  for (const { alias, part, argument } of calls) {
    const index = columns.indexOf(alias);
    const of = columns.indexOf(nameOf(argument, query));
    if (index >= 0 && of >= 0 && of !== index) put(of, part, index);
  }
  return { bands, hidden };
}

interface AliasedCall {
  readonly alias: string;
  readonly part: keyof BandColumns;
  readonly argument: Expression;
}

/** Only with an alias: what a column without one is called is the engine's business. */
function aliasedCalls(query: string): readonly AliasedCall[] {
  return (parse(query).ast?.select ?? []).flatMap((item): AliasedCall[] => {
    if (item.kind !== 'column' || item.alias === null || item.expression.kind !== 'call') return [];
    const call: Call = item.expression;
    const part = PARTS.get(call.name.toLowerCase());
    const [argument] = call.args;
    return part === undefined || argument === undefined
      ? []
      : [{ alias: item.alias, part, argument }];
  });
}

/** The column that has the same expression, or that the argument names. */
function nameOf(argument: Expression, query: string): string {
  const wanted = printExpression(argument);
  for (const item of parse(query).ast?.select ?? []) {
    if (item.kind !== 'column' || item.alias === null) continue;
    if (printExpression(item.expression) === wanted) return item.alias;
  }
  return wanted;
}
