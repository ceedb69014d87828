/**
 * Checked query → logical plan: windows become panes, and the stages are laid out. Ships all fields
 * until `prune-fields` knows better.
 */
import { greatestCommonDivisor } from '../analyze/check-clauses.ts';
import type { CheckedQuery, CheckedWindow } from '../analyze/checked-query.ts';
import type { Config } from '../config.ts';
import type { WindowSpec } from '../ir/plan.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { withSampleBounds } from './sample-bounds.ts';

/** Panes in which shards report a running value. */
const RUNNING_PANE_MS = 1_000;

export function lowerQuery(query: CheckedQuery, config: Config): LogicalPlan {
  const { rows } = query;
  return withSampleBounds({
    sources: query.sources,
    source: {
      // The sides of a join sample, and what comes out of it is not sampled again.
      sample: query.join === null ? query.sample : null,
      where: query.where,
      fields: [],
      allFields: true,
    },
    join: query.join,
    aggregate:
      rows.kind === 'project'
        ? null
        : { keys: rows.keys, aggregates: rows.aggregates, groupsMax: config.groupsMax },
    project: rows.kind === 'project' ? rows.project : [],
    window: windowSpec(query.window),
    final: {
      having: query.having,
      columns: query.columns,
      arrangeBy: query.arrangeBy,
      orderBy: query.orderBy,
      rowsMax: query.rowsMax,
      endAfter: query.endAfter,
      emitEveryMs: query.emitEveryMs,
      latenessMs: query.latenessMs,
    },
  });
}

/** A pane is the largest slice of which windows and slides are both whole numbers. */
function windowSpec(window: CheckedWindow | null): WindowSpec {
  if (window === null) return { kind: 'none', paneMs: RUNNING_PANE_MS };
  const { sizeMs, slideMs } = window;
  return { kind: 'time', sizeMs, slideMs, paneMs: greatestCommonDivisor(sizeMs, slideMs) };
}
