/**
 * The unit of a result column, where it follows from the expression: times and durations are
 * milliseconds, fields say theirs at the end of their name (`latency_ms`, `sizeBytes`), a rate is a
 * second's. A unit that is not certain is none.
 */
import type { Expression, FieldPath } from '../ir/expression.ts';
import type { AggregateSpec, QueryPlan } from '../ir/plan.ts';

type Planned = Pick<QueryPlan, 'aggregate' | 'project'>;

/** Of an expression over the slots of result rows; null: none is known. */
export function unitOf(node: Expression, plan: Planned): string | null {
  switch (node.op) {
    case 'slot':
      return slotUnit(node.index, plan);
    case 'field':
      return fieldUnit(node.path);
    case 'call':
      return callUnit(node.name, node.args, plan);
    case 'case':
      return commonUnit([...node.branches.map(({ then }) => then), node.otherwise], plan);
    default:
      return null;
  }
}

function slotUnit(index: number, plan: Planned): string | null {
  const { aggregate } = plan;
  const event = aggregate === null ? plan.project[index] : aggregate.keys[index];
  if (event !== undefined) return unitOf(event, plan);
  const spec = aggregate?.aggregates[index - aggregate.keys.length];
  return spec === undefined ? null : aggregateUnit(spec, plan);
}

/** These give numbers of the kind they take. */
const KEEPS_UNIT: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'min',
  'max',
  'quantile',
  'median',
  'stddev',
  'first',
  'last',
  'any',
  'first_event',
  'delta',
]);

function aggregateUnit({ name, arg }: AggregateSpec, plan: Planned): string | null {
  const unit = arg === null ? null : unitOf(arg, plan);
  if (name === 'rate') return unit === null ? '/s' : `${unit}/s`;
  return KEEPS_UNIT.has(name) ? unit : null;
}

const TIMES: ReadonlySet<string> = new Set([
  'now',
  'tick',
  'event_time',
  'ingest_time',
  'date_trunc',
]);
/** Their result is of the kind of their first argument, or of all of them. */
const OF_FIRST: ReadonlySet<string> = new Set([
  'abs',
  'floor',
  'ceil',
  'round',
  'negate',
  'plus',
  'clamp',
  'bucket',
  'nullif',
  'modulo',
]);
const OF_ALL: ReadonlySet<string> = new Set(['coalesce', 'least', 'greatest', 'add', 'subtract']);

function callUnit(name: string, args: readonly Expression[], plan: Planned): string | null {
  if (TIMES.has(name)) return 'ms';
  if (OF_ALL.has(name)) return commonUnit(args, plan);
  const [first] = args;
  return first !== undefined && OF_FIRST.has(name) ? unitOf(first, plan) : null;
}

/** The unit that all share; a constant takes that of the others. */
function commonUnit(nodes: readonly Expression[], plan: Planned): string | null {
  const units = nodes.filter(({ op }) => op !== 'literal').map((node) => unitOf(node, plan));
  const [first = null] = units;
  return units.every((unit) => unit === first) ? first : null;
}

const SUFFIXES: readonly (readonly [RegExp, string])[] = [
  [/(?:^|_)(?:ms|millis|milliseconds)$|[a-z](?:Ms|Millis)$/, 'ms'],
  [/_s$|(?:^|_)(?:secs|seconds)$|[a-z](?:Secs|Seconds)$/, 's'],
  [/(?:^|_)bytes$|[a-z]Bytes$/, 'bytes'],
  [/(?:^|_)(?:percent|pct)$|[a-z](?:Percent|Pct)$/, '%'],
];

function fieldUnit(path: FieldPath): string | null {
  const last = path.at(-1);
  if (last?.by !== 'name' && last?.by !== 'key') return null;
  const name = last.by === 'name' ? last.name : last.key;
  return SUFFIXES.find(([suffix]) => suffix.test(name))?.[1] ?? null;
}
