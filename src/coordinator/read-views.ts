/** The read side: what the engine knows, in the shapes that the API answers with. */
import { addCounts, emptyCounts } from './counts.ts';
import type { Engine } from './engine.ts';
import { pageCloses, sum } from './ledger.ts';
import { queryView } from './query-view.ts';
import type { SavedQueryView } from './saved-desk.ts';
import type { AgentView, LedgerView, QueryView, ShardView, StreamView } from './views.ts';

/** Streams and views, by name. */
export function streamViews(
  engine: Engine,
  saved: readonly SavedQueryView[],
  nowMs: number,
): StreamView[] {
  const views = saved.flatMap((query) => viewOf(engine, query, nowMs) ?? []);
  const names = new Set(views.map(({ name }) => name));
  // A view of the same name is what FROM reads.
  const streams = knownStreams(engine, nowMs).filter(({ name }) => !names.has(name));
  return [...streams, ...views].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function viewOf(engine: Engine, query: SavedQueryView, nowMs: number): StreamView | null {
  const { name, columns, fingerprint } = query;
  if (columns === null) return null;
  const pipeline = engine.pipelines.get(fingerprint ?? '');
  const told = pipeline === undefined ? null : Math.floor(pipeline.toldThroughMs);
  return {
    name,
    kind: 'view',
    agents: 0,
    via: [],
    time: 'window_end',
    slackMs: 0,
    watermark: told,
    lagMs: told === null ? null : Math.max(0, Math.round(nowMs - told)),
    eventsPerSecond: pipeline?.meter.perSecond(nowMs)?.rows ?? null,
    queries: pipeline === undefined ? 0 : engine.registry.readersOf(pipeline).length,
    fields: columns.map((column) => ({ ...column, values: [] })),
    changes: [],
  };
}

function knownStreams(engine: Engine, nowMs: number): StreamView[] {
  return [...engine.catalogue.streams()].map((stream) => {
    const agents = [...engine.roster.ofStream(stream.name)];
    const live = agents.filter((agent) => engine.roster.state(agent, nowMs) === 'live');
    const watermarks = live.map((agent) => agent.streams.get(stream.name)?.watermarkMs ?? 0);
    if (stream.ingested) watermarks.push(nowMs - stream.time.slackMs);
    const lowest = Math.min(...watermarks);
    const watermark = Number.isFinite(lowest) ? Math.floor(lowest) : null;
    const readers = [...engine.pipelines.values()].filter((pipeline) =>
      pipeline.group.streams.includes(stream.name),
    );
    return {
      name: stream.name,
      kind: 'stream' as const,
      agents: live.length,
      via: [...stream.via].sort(),
      time: stream.time.field ?? stream.time.kind,
      slackMs: stream.time.slackMs,
      watermark,
      lagMs: watermark === null ? null : Math.max(0, Math.round(nowMs - watermark)),
      eventsPerSecond: readers.length === 0 ? null : engine.rates.perSecond(stream.name),
      queries: readers.length,
      fields: [...stream.fields].map(([name, type]) => ({
        name,
        type,
        values: stream.values.get(name) ?? [],
      })),
      changes: stream.changes,
    };
  });
}

export function agentViews(engine: Engine, nowMs: number): AgentView[] {
  return [...engine.roster.agents()].map((agent) => {
    const dropped = emptyCounts();
    let [offered, aggregated, sent] = [0, 0, 0];
    let watermark = Infinity;
    for (const stream of agent.streams.values()) {
      watermark = Math.min(watermark, stream.watermarkMs);
      offered += stream.counts?.offered ?? 0;
      aggregated += stream.counts?.aggregated ?? 0;
      sent += stream.counts?.sent ?? 0;
      addCounts(dropped, stream.counts?.dropped ?? {});
    }
    const known = Number.isFinite(watermark);
    return {
      id: agent.identity.id,
      service: agent.identity.service,
      host: agent.identity.host,
      library: agent.identity.library,
      shard: agent.shard,
      state: engine.roster.state(agent, nowMs),
      streams: [...agent.streams.keys()],
      watermark: known ? Math.floor(watermark) : null,
      lagMs: known ? Math.max(0, Math.round(nowMs - watermark)) : null,
      connectedAt: Math.floor(agent.connectedAtMs),
      queries: agent.activeSinceMs.size,
      cpuPercent: agent.cpuPercent,
      offered,
      aggregated,
      sent,
      dropped,
    };
  });
}

/** Of all running queries, or of the one with this id. */
export function queryViews(engine: Engine, nowMs: number, id: string | null = null): QueryView[] {
  const shed = new Set(engine.shed);
  const all = [...engine.pipelines.values()];
  const asked = id === null ? all : all.filter((one) => one.id === id);
  return asked.map((one) => ({
    ...queryView(one, engine.registry, nowMs),
    shed: shed.has(one),
    overBudget: engine.registry.budgets.why(one),
  }));
}

export function ledgerView(engine: Engine): LedgerView {
  const agents = engine.ledger.agents();
  const page = engine.ledger.engine();
  const streams = engine.ledger.streams();
  const { offered, filtered, sampledOut, aggregated, sent, dropped } = agents;
  const closes =
    Object.values(streams).every(pageCloses) &&
    // What waits in an agent's queue is offered and not yet sent; it can only be missing on the
    // right.
    offered >= filtered + sampledOut + aggregated + sent + sum(dropped);
  const { unevaluated: queries } = engine.registry;
  return { incarnation: engine.incarnation, agents, engine: page, streams, queries, closes };
}

export function shardViews(engine: Engine, count: number): ShardView[] {
  return Array.from({ length: count }, (_, shard) => ({
    shard,
    state: engine.shardsUp.has(shard) ? 'up' : 'down',
    restarts: engine.shardRestarts.get(shard) ?? 0,
    busyPercent: engine.roster.pulse.busyPercent(shard),
    sentAway: engine.roster.sentAway.get(shard) ?? 0,
    agents: [...engine.roster.agents()].filter((a) => a.shard === shard && a.lostAtMs === null)
      .length,
  }));
}
