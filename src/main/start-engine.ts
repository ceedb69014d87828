/**
 * Puts an engine together: coordinator, shards, gateway, self-telemetry; and takes it down in
 * order.
 */
import { readFileSync } from 'node:fs';
import { ALERT_STREAM } from '../alert/own-transitions.ts';
import { systemClock } from '../core/clock.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { EngineError } from '../core/errors.ts';
import type { TlsPem } from '../gateway/bind-check.ts';
import { startGateway } from '../gateway/gateway.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { IngestApp } from '../gateway/ingest-app.ts';
import { createLogger } from '../observe/logger.ts';
import { AuditTrail } from '../observe/audit-trail.ts';
import type { Logger } from '../observe/logger.ts';
import { exchangeHttp } from '../outbound/http-exchange.ts';
import { runProgram } from '../outbound/program.ts';
import { sendMail } from '../outbound/smtp.ts';
import { KnownAgents } from '../store/known-agents.ts';
import { FiledQueries } from '../coordinator/filed-queries.ts';
import { openSavedQueries } from '../store/saved-queries.ts';
import { RosterKeeper } from '../coordinator/roster-keeper.ts';
import { SeriesKeeper } from '../coordinator/series-keeper.ts';
import { StandingQueries } from '../coordinator/standing-queries.ts';
import type { KeptQuery } from '../coordinator/standing-queries.ts';
import { SeriesMeasures } from '../store/series-measures.ts';
import { SeriesMemory } from '../store/series-memory.ts';
import { SeriesStore } from '../store/series-store.ts';
import type { Sql } from '../store/sql.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { copyAlertTotals } from './alert-metrics.ts';
import { admit } from './admission.ts';
import type { Admission } from './admission.ts';
import { Alerting } from './alerting.ts';
import { AuditWriter } from './audit-writer.ts';
import { openBoards } from './board-desk.ts';
import type { BoardDesk } from './board-desk.ts';
import { copyClientTotals } from './client-metrics.ts';
import { DemoLink } from './demo-link.ts';
import { whoIsTold } from './demo-notify.ts';
import { EngineHost } from './engine-host.ts';
import type { DemoAnswer, DemoCommand, EngineReady, EngineRunOptions } from './engine-options.ts';
import { FurtherListeners } from './further-listeners.ts';
import { IngestShards } from './ingest-shards.ts';
import { newIngestApp } from './new-ingest-app.ts';
import { NotifyDesk } from './notify-desk.ts';
import { NotifyHost } from './notify-host.ts';
import { copyNotifyTotals } from './notify-metrics.ts';
import { publishOwnEvent } from './own-events.ts';
import type { OwnTokens } from './own-tokens.ts';
import { SelfTelemetry } from './self-telemetry.ts';
import { copySeriesTotals } from './series-metrics.ts';
import { configuredSources } from './table-service.ts';
import type { TableService } from './table-service.ts';
import { systemTimers } from './timers.ts';
import { readVersion } from './version.ts';

/** How the engine reaches receivers. */
const WAYS_OUT = {
  senders: { http: exchangeHttp, mail: sendMail, run: runProgram },
  timers: systemTimers,
};

export interface RunningEngine {
  readonly ready: EngineReady;
  readonly host: EngineHost;
  demoAnswered(request: number, answer: DemoAnswer): void;
  /** Makes a shard fail as a defect would. */
  drill(shard: number): void;
  /** Ends subscriptions, says bye to agents, closes sockets and threads; within `drainMs`. */
  drain(reason: string): Promise<void>;
}

export interface StartEngineParts {
  readonly sendDemo: (command: DemoCommand) => void;
  /** The engine cannot do its work any more; the reason is in the log. */
  readonly onLost: (reason: string) => void;
}

/** @throws EngineError if it cannot run: a taken port, an unsafe bind, no transport. */
export async function startEngine(
  options: EngineRunOptions,
  parts: StartEngineParts,
): Promise<RunningEngine> {
  const { config } = options;
  const clock = systemClock;
  const log = createLogger({ level: options.logLevel, process: 'engine', clock, limits: config });
  const admission = admit(options, log);
  const tls = readPem(options.tls);
  const { dataDir, storeSync: sync } = options;
  const store = await openStore({ dataDir, sync, config });
  log.info('store open', { ...store.facts });
  const demo = options.demo ? new DemoLink(parts.sendDemo) : null;
  const version = readVersion();
  let gateway: Gateway | null = null;
  let listeners: FurtherListeners | null = null;
  const roster = new RosterKeeper(new KnownAgents(store.sql), config);
  const trail = new AuditTrail(clock);
  const saved = new FiledQueries(openSavedQueries(store.sql));
  const host = new EngineHost({
    ...{ config, clock, demo, saved, audit: trail, roster },
    facts: () => ({
      version,
      node: process.version,
      transport: shards.transport,
      port: gateway?.port ?? null,
      ingestPort: shards.port,
      listeners: listeners?.ports ?? {},
      clients: gateway?.clientCount ?? 0,
      store: store.facts,
    }),
  });
  const shards = newShards(options, { admission, tls, log, clock, host, parts });
  const tables = await openDefinitions(options, host, store.sql, log);
  const notify = new NotifyHost({
    ...{ ...WAYS_OUT, ...whoIsTold(options), config, clock, log, sql: store.sql },
    externalUrl: () => `${schemeOf(options)}://${urlHost(options.host)}:${gateway?.port ?? 0}`,
    publish: (event) => publishOwnEvent(host, ALERT_STREAM, event),
  });
  host.notify = new NotifyDesk(notify, trail);
  const boards = openBoards(options, { host, sql: store.sql, log, clock, audit: trail });
  host.series = keptSeries(host, store.sql, config, clock);
  host.standing = standingQueries(host, saved, host.series);
  const alerting = new Alerting({
    ...{ config, clock, log, host, sql: store.sql },
    rulesDir: options.rulesDir,
    demo: options.demo,
    notify: (transitions) => notify.take(transitions),
  });
  addTotals(host, alerting, notify);
  host.start(shards);
  // Agents that come back at once hear of every query that needs no client, and skip no event.
  host.standing.sync();
  await shards.start();
  listeners = await openListeners(options, { host, shards, log, clock, admission, tls });
  gateway = await openGateway(options, { host, shards, log, clock, admission, tls, listeners });
  const self = new SelfTelemetry(host, () => clock.now());
  const audit = new AuditWriter({ trail, config, dataDir, log, publish: publisher(host) });
  const ready = readyMessage(options, { gateway, shards, listeners, own: admission.own });
  log.debug('engine up', { port: ready.port, ingestPort: ready.ingestPort });
  const fed = { self, audit, alerting, notify, boards, tables };
  const running = { ...fed, host, gateway, listeners, roster, shards, store };
  return {
    host,
    ready,
    demoAnswered: (request, answer) => demo?.answered(request, answer),
    drill: (shard) => shards.drill(shard),
    drain: (reason) => drain(running, reason),
  };
}

function addTotals(host: EngineHost, alerting: Alerting, notify: NotifyHost): void {
  host.metrics.add((block) => {
    copySeriesTotals(host, block);
    copyAlertTotals(alerting, block);
    copyNotifyTotals(notify, block);
  });
}

/**
 * What queries may name: saved queries of files, and tables. Those that a source gives are there
 * when this is done, as far as it does.
 */
async function openDefinitions(
  { config, queriesDir, tables: named, tablesAllowPrivate: allowPrivate }: EngineRunOptions,
  host: EngineHost,
  sql: Sql,
  log: Logger,
): Promise<TableService> {
  host.openQueryFiles(queriesDir, log);
  const configured = configuredSources(named, config);
  const tables = host.openTables(sql, { log, configured, allowPrivate });
  await tables.start();
  return tables;
}

interface ShardsParts {
  readonly admission: Admission;
  readonly tls: TlsPem | null;
  readonly log: Logger;
  readonly clock: Clock;
  readonly host: EngineHost;
  readonly parts: StartEngineParts;
}

function newShards(options: EngineRunOptions, about: ShardsParts): IngestShards {
  const { admission, tls, log, clock, host, parts } = about;
  const { config, host: address, transport, allowedHosts, pageOrigins } = options;
  const { tokens, needsToken } = admission;
  return new IngestShards({
    ...{
      config,
      host: address,
      transport,
      allowedHosts,
      pageOrigins,
      tls,
      tokens,
      needsToken,
      log,
    },
    now: () => clock.now(),
    app: ingestApp(options, about),
    onOutputs: (shard, outputs) => host.shardOutputs(shard, outputs),
    onUp: (shard) => host.handle({ type: 'shard-up', shard }),
    onDown: (shard, reason) => host.shardDown(shard, reason),
    onAllLost: (error) => endLost(error, log, parts),
  });
}

/** Takes events over HTTP wherever this thread listens. */
function ingestApp(
  { config, host: address, allowedHosts }: EngineRunOptions,
  { admission, clock, log, host }: Pick<ShardsParts, 'admission' | 'clock' | 'log' | 'host'>,
): IngestApp {
  const { tokens, needsToken } = admission;
  return newIngestApp({
    ...{ config, clock, engine: host, host: address, allowedHosts, tokens, needsToken },
    onDefect: (error) => log.error('request failed', { detail: String(error) }),
  });
}

function keptSeries(host: EngineHost, sql: Sql, config: Config, clock: Clock): SeriesKeeper {
  const limits = { bytesMax: config.seriesKeptBytesMax, linesMax: config.seriesLinesMax };
  return new SeriesKeeper({
    config,
    store: new SeriesStore(sql, limits),
    memory: new SeriesMemory(sql),
    measures: new SeriesMeasures(sql),
    clock,
    statesOf: (query) => host.engine.pipelines.get(query)?.series?.states ?? null,
    isRunning: (query) => host.engine.pipelines.has(query),
    handle: (input) => host.handle(input),
  });
}

function standingQueries(
  host: EngineHost,
  saved: FiledQueries,
  keeper: SeriesKeeper,
): StandingQueries {
  const kept = (): readonly KeptQuery[] =>
    saved.all().flatMap(({ keep, name }) => {
      const view = keep ? host.saved.get(name) : null;
      return view?.ok === true ? [view.value] : [];
    });
  return new StandingQueries({ kept, keeper });
}

interface EngineParts {
  readonly self: SelfTelemetry;
  readonly audit: AuditWriter;
  readonly alerting: Alerting;
  readonly notify: NotifyHost;
  readonly boards: BoardDesk;
  readonly tables: TableService;
  readonly host: EngineHost;
  readonly gateway: Gateway;
  readonly listeners: FurtherListeners;
  readonly shards: IngestShards;
  readonly roster: RosterKeeper;
  readonly store: Store;
}

async function drain(parts: EngineParts, reason: string): Promise<void> {
  const { self, audit, alerting, notify, boards, tables, host, gateway, roster, shards, store } =
    parts;
  self.stop();
  audit.stop();
  alerting.stop();
  notify.stop();
  boards.stop();
  tables.stop();
  parts.listeners.close();
  host.handle({ type: 'drain', reason });
  // Clients get their last messages before their sockets go.
  await gateway.close();
  await shards.stop();
  await host.stop();
  roster.close();
  host.series?.close(systemClock.now());
  store.close();
}

interface GatewayParts {
  readonly host: EngineHost;
  readonly shards: IngestShards;
  readonly log: Logger;
  readonly clock: Clock;
  readonly admission: Admission;
  readonly tls: TlsPem | null;
}

/** @throws EngineError if one that was asked for cannot be opened. */
async function openListeners(
  options: EngineRunOptions,
  parts: GatewayParts,
): Promise<FurtherListeners> {
  const { host: engine, shards, log, admission, tls } = parts;
  const { config, host, listeners, insecure } = options;
  const { needsToken } = admission;
  const app = ingestApp(options, parts);
  try {
    return await FurtherListeners.open({
      ...{ config, host, listeners, insecure, tls, needsToken, app, engine, log },
    });
  } catch (error) {
    await giveUp(shards, 'a listener cannot be opened');
    throw error;
  }
}

/** Threads that die with open sockets abort the process, over the message that says why. */
async function giveUp(shards: IngestShards, reason: string): Promise<void> {
  shards.sendToAll({ type: 'drain', reason });
  await shards.stop();
}

async function openGateway(
  options: EngineRunOptions,
  parts: GatewayParts & { readonly listeners: FurtherListeners },
): Promise<Gateway> {
  const { host, shards, log, clock, admission, tls, listeners } = parts;
  try {
    const gateway = await startGateway({
      engine: host,
      config: options.config,
      clock,
      log,
      host: options.host,
      port: options.config.port,
      tls,
      tokens: admission.tokens,
      needsToken: admission.needsToken,
      allowedHosts: options.allowedHosts,
    });
    host.metrics.add((block) => copyClientTotals(gateway, block));
    return gateway;
  } catch (error) {
    listeners.close();
    await giveUp(shards, 'the API port cannot be opened');
    throw error;
  }
}

/** What the engine says of itself as a stream; a refusal means that no shard is up. */
function publisher(host: EngineHost): (stream: string, lines: string) => void {
  const how = { format: 'ndjson', timeField: 'time', slackMs: 0 } as const;
  return (stream, lines) => {
    const body = new TextEncoder().encode(lines);
    host.ingest({ ...how, stream, body }).catch(() => undefined);
  };
}

function endLost({ code, detail }: EngineError, log: Logger, parts: StartEngineParts): void {
  log.error(`the engine ends: ${detail}`, { code });
  parts.onLost(detail);
}

function readyMessage(
  options: EngineRunOptions,
  parts: {
    readonly gateway: Gateway;
    readonly shards: IngestShards;
    readonly listeners: FurtherListeners;
    readonly own: OwnTokens | null;
  },
): EngineReady {
  const { gateway, shards, listeners, own } = parts;
  return {
    type: 'ready',
    port: gateway.port,
    ingestPort: shards.port,
    url: `${schemeOf(options)}://${urlHost(options.host)}:${gateway.port}`,
    transport: shards.transport,
    shards: options.config.shards,
    listeners: listeners.ports,
    ownTokens: own,
  };
}

function readPem(files: EngineRunOptions['tls']): TlsPem | null {
  if (files === null) return null;
  return { cert: readFileSync(files.certFile, 'utf8'), key: readFileSync(files.keyFile, 'utf8') };
}

function schemeOf({ tls }: EngineRunOptions): string {
  return tls === null ? 'http' : 'https';
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
