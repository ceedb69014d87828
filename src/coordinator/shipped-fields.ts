/**
 * Whether agents could ship what a new query reads. A frame carries the union of the fields that
 * all queries of its stream read, and a frame beyond the wire's bounds is refused whole: one query
 * too wide would take the answers of all others with it. Therefore it is refused at the door.
 * Globs that may meet on some stream count as meeting.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import { pathText } from '../ir/path-text.ts';
import type { QueryPlan, SourcePattern } from '../ir/plan.ts';
import { globMatches } from '../ir/glob.ts';
import { utf8Bytes } from '../wire/utf8.ts';

type Bounds = Pick<Config, 'fieldsMax' | 'fieldNameBytesMax'>;

/** Null: the query may run beside the `running` ones. */
export function shippingFault(
  plan: QueryPlan,
  running: Iterable<QueryPlan>,
  { fieldsMax, fieldNameBytesMax }: Bounds,
): EngineError | null {
  for (const path of plan.source.fields) {
    if (utf8Bytes(pathText(path)) <= fieldNameBytesMax) continue;
    const detail = `a field of the query has a name of more than ${fieldNameBytesMax} bytes`;
    return new EngineError('ENGINE_BAD_REQUEST', detail);
  }
  const own = columnsOf(plan);
  if (own > fieldsMax) {
    const detail = `the query reads ${own} fields of each event, at most ${fieldsMax} (fieldsMax)`;
    return new EngineError('ENGINE_BAD_REQUEST', detail);
  }
  const beside = [...running].filter((other) => mayMeet(plan.sources, other.sources));
  const atMost = beside.reduce((sum, other) => sum + columnsOf(other), own);
  if (atMost <= fieldsMax) return null;
  const columns = unionOf([plan, ...beside]);
  if (columns <= fieldsMax) return null;
  const together = `with this one the queries of these streams would read ${columns} fields`;
  const detail = `${together} of each event, at most ${fieldsMax} (fieldsMax)`;
  return new EngineError('LIMIT_QUERIES', detail);
}

/** A sample travels as a column of its own. */
function columnsOf({ source }: QueryPlan): number {
  return source.fields.length + (source.sample === null ? 0 : 1);
}

function unionOf(plans: readonly QueryPlan[]): number {
  const fields = new Set<string>();
  let samples = 0;
  for (const { source } of plans) {
    for (const path of source.fields) fields.add(pathText(path));
    if (source.sample !== null) samples++;
  }
  return fields.size + samples;
}

function mayMeet(left: readonly SourcePattern[], right: readonly SourcePattern[]): boolean {
  return left.some((one) => right.some((other) => patternsMeet(one, other)));
}

function patternsMeet(one: SourcePattern, other: SourcePattern): boolean {
  if (one.glob && other.glob) return true;
  return one.glob ? globMatches(one, other.pattern) : globMatches(other, one.pattern);
}
