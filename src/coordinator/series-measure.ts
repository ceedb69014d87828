/**
 * What a column of windows measures, whoever asked for it: the events it is over, its windows, its
 * groups and its expression, as a hash. Two queries that differ in other columns, in names or in
 * their order have the same measure, so that one finds the past of the other.
 */
import type { Expression } from '../ir/expression.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { canonicalJson, hash128 } from '../plan/fingerprint.ts';

export interface KeptColumn {
  readonly column: string;
  /** Null: it depends on more than its window, or some windows or groups are left out. */
  readonly measure: string | null;
  /** The sum over windows is the total over their events: COUNT and SUM of tumbling windows. */
  readonly isTotal: boolean;
}

/** The columns of the plan whose series are kept. */
export function keptColumns(plan: QueryPlan): readonly KeptColumn[] {
  const { columns } = plan.final;
  return columns
    .filter(({ role, spread }) => role === 'value' && !spread)
    .map(({ expression, name: column }) => ({
      column,
      measure: isWhole(plan) ? measureOf(plan, expression) : null,
      isTotal: isTotal(plan, expression),
    }));
}

/** Null: the expression reads what functions over series gave. */
export function measureOf(plan: QueryPlan, expression: Expression): string | null {
  const { aggregate, home, join, source, sources, window } = plan;
  if (aggregate === null) return null;
  const slots = [...aggregate.keys, ...aggregate.aggregates];
  const argument = withSlots(expression, slots);
  if (argument === null) return null;
  const events = { sources, sample: source.sample, where: source.where, join, home };
  return hash128(canonicalJson({ ...events, window, keys: aggregate.keys, argument }, true));
}

/** HAVING and LIMIT leave rows out, and what is kept of the rest would be no fair past. */
function isWhole({ aggregate, final }: QueryPlan): boolean {
  if (aggregate === null || final.having !== null || final.rowsMax !== null) return false;
  const keys = final.columns.filter(({ role, spread }) => role === 'key' && !spread);
  // Their order is the order of the keys that a kept line is named by.
  return (
    keys.length === aggregate.keys.length &&
    keys.every(({ expression: e }, i) => e.op === 'slot' && e.index === i)
  );
}

function isTotal({ aggregate, window }: QueryPlan, expression: Expression): boolean {
  if (aggregate === null || expression.op !== 'slot') return false;
  if (window.kind === 'time' && window.slideMs !== window.sizeMs) return false;
  const spec = aggregate.aggregates[expression.index - aggregate.keys.length];
  return spec !== undefined && !spec.distinct && (spec.name === 'count' || spec.name === 'sum');
}

/** The expression with what its slots hold in their place; null: it has slots behind those. */
function withSlots(node: unknown, slots: readonly object[]): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) {
    const items = node.map((item) => withSlots(item, slots));
    return items.some((item, i) => item === null && node[i] !== null) ? null : items;
  }
  const members = node as Readonly<Record<string, unknown>>;
  if (members['op'] === 'literal') return node;
  if (members['op'] === 'slot') return slots[Number(members['index'])] ?? null;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    copy[name] = withSlots(member, slots);
    if (copy[name] === null && member !== null) return null;
  }
  return copy;
}
