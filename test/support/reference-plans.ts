/** Plans for tests: everything has a default, so that a test says only what it is about. */
import type { Expression } from '../../src/ir/expression.ts';
import { PLAN_VERSION } from '../../src/ir/plan.ts';
import type {
  AggregateSpec,
  FinalStage,
  OutputColumn,
  QueryPlan,
  WindowSpec,
} from '../../src/ir/plan.ts';
import type { Value } from '../../src/model/value.ts';

export const lit = (value: Value): Expression => ({ op: 'literal', value });
export const field = (name: string): Expression => ({ op: 'field', path: [{ by: 'name', name }] });
export const slot = (index: number): Expression => ({ op: 'slot', index });
export const call = (name: string, ...args: Expression[]): Expression => ({
  op: 'call',
  name,
  args,
});

export function aggregate(name: string, changes: Partial<AggregateSpec> = {}): AggregateSpec {
  return { name, arg: null, distinct: false, filter: null, parameters: [], ...changes };
}

/** Slot `index` under a name. */
export function column(name: string, index: number, spread = false): OutputColumn {
  return { name, expression: slot(index), role: 'value', type: 'any', spread };
}

export function tumbling(sizeMs: number): WindowSpec {
  return { kind: 'time', sizeMs, slideMs: sizeMs, paneMs: sizeMs };
}

export interface PlanParts {
  readonly where?: Expression;
  readonly keys?: readonly Expression[];
  readonly aggregates?: readonly AggregateSpec[];
  readonly groupsMax?: number;
  readonly project?: readonly Expression[];
  readonly window?: WindowSpec;
  readonly final?: Partial<FinalStage>;
}

/** Aggregates if there are any (or keys), else a plain select. */
export function plan(parts: PlanParts): QueryPlan {
  const { keys = [], aggregates = [], project = [] } = parts;
  const isPlain = parts.keys === undefined && parts.aggregates === undefined;
  const slots = isPlain ? project.length : keys.length + aggregates.length;
  return {
    version: PLAN_VERSION,
    fingerprint: 'test',
    canonical: 'test',
    sources: [{ pattern: 'stream', glob: false }],
    source: { sample: null, where: parts.where ?? null, fields: [], allFields: true },
    join: null,
    home: null,
    aggregate: isPlain ? null : { keys, aggregates, groupsMax: parts.groupsMax ?? 1_000 },
    project: isPlain ? project : [],
    window: parts.window ?? { kind: 'none', paneMs: 1_000 },
    series: null,
    final: {
      having: null,
      columns: Array.from({ length: slots }, (_, index) => column(`c${index}`, index)),
      arrangeBy: [],
      orderBy: [],
      rowsMax: null,
      endAfter: null,
      emitEveryMs: null,
      latenessMs: 0,
      ...parts.final,
    },
  };
}
