/**
 * Checked query → logical plan: windows become panes, and the stages are laid out. Ships all fields
 * until `prune-fields` knows better.
 */
import { greatestCommonDivisor } from '../analyze/check-window.ts';
import type { CheckedQuery } from '../analyze/checked-query.ts';
import type { Config } from '../config.ts';
import { joinsStreams } from '../ir/join.ts';
import type { HomeReason, HomeStage, WindowSpec } from '../ir/plan.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { placeSeries } from './place-series.ts';
import { withRateWeights } from './rate-weights.ts';
import { withSampleBounds } from './sample-bounds.ts';

/** Panes in which shards report a running value. */
const RUNNING_PANE_MS = 1_000;
/** How often a join without windows hears how far its streams are. */
const JOIN_STEP_MS = 100;
/** Shards are asked for ended sessions at least and at most this often. */
const SESSION_PANE_MS = { min: 10, max: 1_000 } as const;

export function lowerQuery(query: CheckedQuery, config: Config): LogicalPlan {
  const { rows } = query;
  const plan = withSampleBounds({
    sources: query.sources,
    source: {
      // The sides of a join sample, and what comes out of it is not sampled again.
      sample: query.join === null ? query.sample : null,
      where: query.where,
      fields: [],
      allFields: true,
    },
    join: query.join,
    home: homeStage(query),
    aggregate:
      rows.kind === 'project'
        ? null
        : { keys: rows.keys, aggregates: rows.aggregates, groupsMax: config.groupsMax },
    project: rows.kind === 'project' ? rows.project : [],
    window: windowSpec(query),
    series: query.series,
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
  return placeSeries(withRateWeights(plan));
}

/** A pane is the largest slice of which windows and slides are both whole numbers. */
function windowSpec({ join, rows, window }: CheckedQuery): WindowSpec {
  if (window === null) {
    const passes = rows.kind === 'project' && joinsStreams(join);
    return { kind: 'none', paneMs: passes ? JOIN_STEP_MS : RUNNING_PANE_MS };
  }
  switch (window.kind) {
    case 'time': {
      const { sizeMs, slideMs } = window;
      return { kind: 'time', sizeMs, slideMs, paneMs: greatestCommonDivisor(sizeMs, slideMs) };
    }
    case 'count':
      return { ...window, paneMs: 0 };
    case 'session': {
      const { min, max } = SESSION_PANE_MS;
      return { ...window, paneMs: Math.min(Math.max(window.gapMs, min), max) };
    }
  }
}

/** What no shard can decide alone: an order of arrival, or neighbours in time. */
function homeStage({ join, sample, window }: CheckedQuery): HomeStage | null {
  const reasons: HomeReason[] = [];
  if (joinsStreams(join)) reasons.push('join');
  if (window?.kind === 'count') reasons.push('count-window');
  if (window?.kind === 'session') reasons.push('session-window');
  if (sample?.kind === 'rps') reasons.push('rate-sample');
  return reasons.length === 0 ? null : { reasons, fields: [] };
}
