/** Plans by hand, for tests below the query language. */
import type { Expression } from '../../src/ir/expression.ts';
import { PLAN_VERSION } from '../../src/ir/plan.ts';
import type { AggregateSpec, FinalStage, QueryPlan, WindowSpec } from '../../src/ir/plan.ts';
import type { Value } from '../../src/model/value.ts';
import { namePath } from './batch-builder.ts';

export function field(name: string): Expression {
  return { op: 'field', path: namePath(name) };
}

export function literal(value: Value): Expression {
  return { op: 'literal', value };
}

export function call(name: string, ...args: readonly Expression[]): Expression {
  return { op: 'call', name, args };
}

export function slot(index: number): Expression {
  return { op: 'slot', index };
}

export function aggregateSpec(
  name: string,
  arg: Expression | null,
  rest: Partial<AggregateSpec> = {},
): AggregateSpec {
  return { name, arg, distinct: false, filter: null, parameters: [], ...rest };
}

export function tumbling(ms: number): WindowSpec {
  return { kind: 'time', sizeMs: ms, slideMs: ms, paneMs: ms };
}

export function finalStage(changes: Partial<FinalStage> = {}): FinalStage {
  return {
    having: null,
    columns: [],
    arrangeBy: [],
    orderBy: [],
    rowsMax: null,
    endAfter: null,
    emitEveryMs: null,
    latenessMs: 0,
    ...changes,
  };
}

export interface PlanParts {
  readonly where?: Expression;
  readonly keys?: readonly Expression[];
  /** Absent: a plain select. */
  readonly aggregates?: readonly AggregateSpec[];
  readonly groupsMax?: number;
  readonly project?: readonly Expression[];
  readonly window?: WindowSpec;
}

export function planOf(parts: PlanParts): QueryPlan {
  const { aggregates, keys = [], groupsMax = 100 } = parts;
  return {
    version: PLAN_VERSION,
    fingerprint: 'test',
    canonical: 'test',
    sources: [{ pattern: 'stream', glob: false }],
    source: { sample: null, where: parts.where ?? null, fields: [], allFields: false },
    join: null,
    home: null,
    aggregate: aggregates === undefined ? null : { keys, aggregates, groupsMax },
    project: parts.project ?? [],
    window: parts.window ?? tumbling(1_000),
    series: null,
    final: finalStage(),
  };
}
