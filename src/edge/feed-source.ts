/**
 * How one event gets into the states of its group, as JavaScript source: what `aggregate-feeds.ts`
 * does, with the arithmetic of the commonest aggregates written out, so that numbers are not boxed
 * on their way. Sums are those of `aggregate/compensated-sums.ts`, step by step. All others are
 * calls of their `add`.
 * Bench: bench/agent.ts.
 */
import { AvgAggregate } from '../aggregate/avg.ts';
import { aggregateFrom } from '../aggregate/catalogue.ts';
import { CountAggregate } from '../aggregate/count.ts';
import { QuantileAggregate } from '../aggregate/quantile.ts';
import { RateAggregate } from '../aggregate/rate.ts';
import { SumAggregate } from '../aggregate/sum.ts';
import type { Expression } from '../ir/expression.ts';
import type { AggregateSpec } from '../ir/plan.ts';
import type { ExpressionSource, SourceBlock } from '../expr/expression-source.ts';
import { TEXT_LENGTH } from './aggregate-feeds.ts';

/** What an aggregate is made of; of an average only numbers are counted. */
type Part = 'count' | 'sums' | 'quantile' | 'numbers';

/**
 * Names of variables that hold arrays of the current pane, with the source that they are set to.
 */
export type Registers = Map<string, string>;

export interface FeedTarget {
  /** Unique among the feeds of the function. */
  readonly id: string;
  /** Source of the aggregate in the current pane. */
  readonly aggregate: string;
  /** Of the group. */
  readonly group: string;
  /** Of {@link LongTexts}. */
  readonly longTexts: string;
  readonly registers: Registers;
}

export function writeFeed(
  spec: AggregateSpec,
  target: FeedTarget,
  expressions: ExpressionSource,
  block: SourceBlock,
): void {
  const parts = partsOf(spec);
  if (parts === null) {
    writeOther(spec.arg, target, expressions, block);
    return;
  }
  for (const [part, path] of parts) {
    if (part === 'count') writeCount(spec.arg, path, target, expressions, block);
    else writeNumber(part, spec.arg, path, target, expressions, block);
  }
}

/** Parts with their paths; null: what `keepsTexts` and all others are. */
function partsOf(spec: AggregateSpec): readonly (readonly [Part, string])[] | null {
  const aggregate = aggregateFrom(spec);
  if (aggregate instanceof CountAggregate) return [['count', '']];
  if (aggregate instanceof SumAggregate) return [['sums', '.sums']];
  if (aggregate instanceof QuantileAggregate) return [['quantile', '']];
  if (aggregate instanceof AvgAggregate) {
    return [
      ['sums', '.sums'],
      ['numbers', '.counts'],
    ];
  }
  if (!(aggregate instanceof RateAggregate)) return null;
  if (aggregate.totals instanceof CountAggregate) return [['count', '.totals']];
  return [['sums', '.totals.sums']];
}

function writeCount(
  arg: Expression | null,
  path: string,
  target: FeedTarget,
  expressions: ExpressionSource,
  block: SourceBlock,
): void {
  const counts = register(target, 'c', `${target.aggregate}${path}.counts`);
  const isCounted = arg === null ? '' : `if (${expressions.value(arg, block)} !== null) `;
  block.lines.push(`${isCounted}${counts}[${target.group}]++;`);
}

function writeNumber(
  part: Exclude<Part, 'count'>,
  arg: Expression | null,
  path: string,
  target: FeedTarget,
  expressions: ExpressionSource,
  block: SourceBlock,
): void {
  // Without an argument every event is `true`, which is no number.
  if (arg === null) return;
  const number = expressions.number(arg, block);
  const name = `x${target.id}`;
  if (!block.known.has(name)) {
    block.lines.push(`const ${name} = ${number};`);
    block.known.add(name);
  }
  block.lines.push(`if (${name} === ${name}) {`, ...addition(part, path, name, target), '}');
}

function addition(
  part: Exclude<Part, 'count'>,
  path: string,
  name: string,
  target: FeedTarget,
): readonly string[] {
  const { aggregate, group, id } = target;
  const source = `${aggregate}${path}`;
  if (part === 'numbers') return [`${register(target, 'c', `${source}.counts`)}[${group}]++;`];
  if (part === 'sums') {
    const sums = register(target, 's', `${source}.sums`);
    const errors = register(target, 'f', `${source}.errors`);
    return [
      `const b${id} = ${sums}[${group}], d${id} = b${id} + ${name}, h${id} = d${id} - b${id};`,
      `${errors}[${group}] += b${id} - (d${id} - h${id}) + (${name} - h${id});`,
      `${sums}[${group}] = d${id};`,
    ];
  }
  const quantile = register(target, 'q', source);
  const waiting = register(target, 'w', `${source}.waiting`);
  return [
    `const i${id} = ${waiting}.count;`,
    `${waiting}.groups[i${id}] = ${group};`,
    `${waiting}.values[i${id}] = ${name};`,
    `${waiting}.count = i${id} + 1;`,
    `if (${waiting}.room === 0) ${quantile}.settle();`,
  ];
}

function writeOther(
  arg: Expression | null,
  target: FeedTarget,
  expressions: ExpressionSource,
  block: SourceBlock,
): void {
  const aggregate = register(target, 'a', target.aggregate);
  if (arg === null) {
    block.lines.push(`${aggregate}.add(${target.group}, true, order);`);
    return;
  }
  const name = `y${target.id}`;
  block.lines.push(
    `const ${name} = ${expressions.value(arg, block)};`,
    `if (typeof ${name} === "string" && ${name}.length > ${TEXT_LENGTH}) ` +
      `${target.longTexts}.bytes += 2 * ${name}.length;`,
    `${aggregate}.add(${target.group}, ${name}, order);`,
  );
}

function register({ id, registers }: FeedTarget, kind: string, source: string): string {
  const name = `${kind}${id}`;
  registers.set(name, source);
  return name;
}
