/** A running query as `GET /api/v1/queries` lists it. */
import type { PipelineRegistry } from './pipeline-registry.ts';
import type { Pipeline } from './pipeline.ts';
import { keptName } from './series-keeper.ts';
import type { QueryView } from './views.ts';

export function queryView(
  pipeline: Pipeline,
  registry: Pick<PipelineRegistry, 'readersOf' | 'viewsOf' | 'budgets' | 'busyPercent'>,
  nowMs: number,
): Omit<QueryView, 'shed' | 'overBudget'> {
  const { watermarkMs } = pipeline.group.standing(nowMs);
  const isKnown = Number.isFinite(watermarkMs);
  const subscriptions = [...pipeline.audience.subscriptions.values()];
  const rates = pipeline.meter.perSecond(nowMs);
  const { series } = pipeline;
  return {
    id: pipeline.id,
    canonical: pipeline.plan.canonical,
    owner: pipeline.owner,
    sources: pipeline.sourceNames(registry.viewsOf(pipeline)),
    streams: pipeline.group.streams,
    subscribers: subscriptions.length,
    clients: [...new Set(subscriptions.map((subscription) => subscription.client))],
    readers: registry.readersOf(pipeline).length + pipeline.listeners.size,
    startedAt: Math.floor(pipeline.startedAtMs),
    watermark: isKnown ? Math.floor(watermarkMs) : null,
    lagMs: isKnown ? Math.max(0, Math.round(nowMs - watermarkMs)) : null,
    seen: pipeline.seen,
    matched: pipeline.matched,
    late: pipeline.late,
    rows: pipeline.meter.total.rows,
    windows: pipeline.meter.windows,
    seenPerSecond: rates?.seen ?? null,
    matchedPerSecond: rates?.matched ?? null,
    rowsPerSecond: rates?.rows ?? null,
    groups: pipeline.groups,
    ...(series !== null && { series: { bytes: series.bytes, forgotten: series.evicted } }),
    stateBytes: Math.max(
      pipeline.meter.stateBytes,
      registry.budgets.held(pipeline.stage)?.bytes ?? 0,
    ),
    busyPercent: registry.busyPercent(pipeline.stage),
    refusedRows: pipeline.refusedRows,
    standing: pipeline.isStanding,
    kept: pipeline.listeners.names.flatMap((listener) => keptName(listener) ?? []),
    dropped: { ...pipeline.lost },
    status: pipeline.lastStatus,
  };
}
