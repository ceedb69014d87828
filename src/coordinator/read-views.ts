/** The read side: what the engine knows, in the shapes that the API answers with. */
import { addCounts, emptyCounts } from './counts.ts';
import type { Engine } from './engine.ts';
import { pageCloses, sum } from './ledger.ts';
import type { Pipeline } from './pipeline.ts';
import type { AgentView, LedgerView, QueryView, ShardView, StreamView } from './views.ts';

export function streamViews(engine: Engine, nowMs: number): StreamView[] {
  return [...engine.catalogue.streams()]
    .map((stream) => {
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
        agents: live.length,
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
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function agentViews(engine: Engine, nowMs: number): AgentView[] {
  return [...engine.roster.agents()].map((agent) => {
    const dropped = emptyCounts();
    let sent = 0;
    let watermark = Infinity;
    for (const stream of agent.streams.values()) {
      watermark = Math.min(watermark, stream.watermarkMs);
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
      sent,
      dropped,
    };
  });
}

export function queryViews(engine: Engine, nowMs: number): QueryView[] {
  const shed = new Set(engine.shed);
  return [...engine.pipelines.values()].map((pipeline) =>
    queryView(pipeline, shed.has(pipeline), nowMs),
  );
}

function queryView(pipeline: Pipeline, shed: boolean, nowMs: number): QueryView {
  const { watermarkMs } = pipeline.group.standing(nowMs);
  const subscriptions = [...pipeline.audience.subscriptions.values()];
  return {
    id: pipeline.id,
    canonical: pipeline.plan.canonical,
    sources: pipeline.plan.sources.map((source) => source.pattern),
    streams: pipeline.group.streams,
    subscribers: subscriptions.length,
    clients: [...new Set(subscriptions.map((subscription) => subscription.client))],
    startedAt: Math.floor(pipeline.startedAtMs),
    watermark: Number.isFinite(watermarkMs) ? Math.floor(watermarkMs) : null,
    seen: pipeline.seen,
    matched: pipeline.matched,
    late: pipeline.late,
    groups: pipeline.groups,
    standing: pipeline.isStanding,
    shed,
    dropped: { ...pipeline.lost },
    status: pipeline.lastStatus,
  };
}

export function ledgerView(engine: Engine): LedgerView {
  const agents = engine.ledger.agents();
  const page = engine.ledger.engine();
  const streams = engine.ledger.streams();
  const { offered, filtered, sampledOut, sent, dropped } = agents;
  const closes =
    Object.values(streams).every(pageCloses) &&
    // What waits in an agent's queue is offered and not yet sent; it can only be missing on the
    // right.
    offered >= filtered + sampledOut + sent + sum(dropped);
  return { incarnation: engine.incarnation, agents, engine: page, streams, closes };
}

export function shardViews(engine: Engine, count: number): ShardView[] {
  return Array.from({ length: count }, (_, shard) => ({
    shard,
    state: engine.shardsUp.has(shard) ? 'up' : 'down',
    restarts: engine.shardRestarts.get(shard) ?? 0,
    agents: [...engine.roster.agents()].filter((a) => a.shard === shard && a.lostAtMs === null)
      .length,
  }));
}
