/**
 * A shard: owns its connections and evaluates every query on what they send. A pure state machine,
 * `handle(input, now) → effects`; the thread's sockets and ports are thin shells around it.
 *
 * Invariants: nothing a peer sends throws out of here; received = evaluated + dropped on every
 * page; a report of an agent's progress never overtakes the evaluation it speaks of.
 */
import type { Config } from '../config.ts';
import { unreachable } from '../core/assert.ts';
import type { EventBatch } from '../model/batch.ts';
import { createInterner } from '../wire/interner.ts';
import type { SweepableInterner } from '../wire/interner.ts';
import { AgentConnection } from './agent-connection.ts';
import { CLOSE } from './effects.ts';
import type { Authorize, ConnectionInput, ShardEffect } from './effects.ts';
import { Ingest } from './ingest.ts';
import { JsonConnection } from './json-connection.ts';
import { LOAD_MS } from './messages.ts';
import type { ClaimVerdict, ShardInput } from './messages.ts';
import { PeerLinks } from './peer-links.ts';
import { LoadMeter } from './load-meter.ts';
import { PlanSet } from './plan-set.ts';
import type { PlanNews } from './plan-set.ts';
import { ShardTables } from './shard-tables.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { StreamPage } from './stream-page.ts';
import { drop } from './stream-page.ts';
import { ValueWatch } from './value-watch.ts';

export interface ShardOptions {
  readonly shard: number;
  readonly config: Config;
  readonly nowMs: number;
  readonly authorize: Authorize;
  /**
   * Share of the time since the last call in which the thread worked, 0 … 1; absent: nobody knows,
   * and nothing is ever shed because the engine cannot keep up.
   */
  readonly busy?: () => number;
}

export class Shard {
  readonly #options: ShardOptions;
  readonly #config: Config;
  readonly #interner: SweepableInterner;
  readonly #tables: ShardTables;
  readonly #plans: PlanSet;
  readonly #peers: PeerLinks;
  readonly #ingest: Ingest;
  readonly #values: ValueWatch;
  readonly #agents = new Map<number, AgentConnection>();
  readonly #json = new Map<number, JsonConnection>();
  #effects: ShardEffect[] = [];
  readonly #meter: LoadMeter;
  #nextTickMs = 0;
  #nextLoadMs = 0;
  #draining = false;

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#interner = createInterner(options.config.internBytesMax);
    this.#tables = new ShardTables(this.#interner);
    const emit = (effect: ShardEffect): void => void this.#effects.push(effect);
    const epoch = (): number => this.#plans.epoch;
    const { exchangeBytesMax } = options.config;
    this.#peers = new PeerLinks({
      ...{ exchangeBytesMax, emit, epoch },
      take: (from, message, nowMs) => this.#plans.receive(from, message, nowMs),
    });
    this.#plans = new PlanSet({
      ...{ shard: options.shard, config: options.config, interner: this.#interner, epoch },
      tables: this.#tables,
      peers: this.#peers,
      tell: (message) => emit({ type: 'to-coordinator', message }),
      acknowledge: () => {
        for (const agent of this.#agents.values()) agent.flush();
      },
    });
    const { busy } = options;
    this.#meter = new LoadMeter({
      busy: busy ?? (() => 0),
      costs: () => this.#plans.costs(),
      states: () => this.#plans.states(),
    });
    this.#values = new ValueWatch(options.config);
    this.#ingest = new Ingest({
      shard: options.shard,
      config: options.config,
      interner: this.#interner,
      plans: this.#plans,
      values: this.#values,
      evaluate: (batch, page, nowMs) => this.#evaluate(batch, page, nowMs),
      emit,
    });
  }

  get connections(): number {
    return this.#agents.size + this.#json.size;
  }

  handle(input: ShardInput | ConnectionInput, nowMs: number): ShardEffect[] {
    switch (input.type) {
      case 'binary':
        this.#binary(input.connection, input.bytes, nowMs);
        break;
      case 'text':
        this.#text(input.connection, input.text, nowMs);
        break;
      case 'open':
        this.#open(input.connection, input.kind, nowMs);
        break;
      case 'closed':
        this.#closed(input.connection);
        break;
      case 'plans':
        this.#plansChanged(this.#plans.replace(input.epoch, input.plans), nowMs);
        break;
      case 'shed':
        this.#plans.shed(input.queries);
        break;
      case 'plan-changes':
        this.#plansChanged(this.#plans.change(input), nowMs);
        break;
      case 'verdict':
        this.#verdict(input, nowMs);
        break;
      case 'close':
        this.#plans.close(input);
        break;
      case 'peek':
        this.#plans.peek(input.pipeline, input.beforeMs);
        break;
      case 'peer':
        this.#peers.receive(input.from, input.messages, nowMs);
        break;
      case 'peer-lost':
        this.#peerLost(input.shard);
        break;
      case 'table':
      case 'table-end':
        this.#tables.change(input);
        if (input.type === 'table') this.#tellTable(input.table);
        break;
      case 'ingest':
      case 'ingest-loss':
        this.#ingest.take(input, nowMs);
        break;
      case 'view-rows':
        this.#ingest.viewRows(input, nowMs);
        break;
      case 'view-end':
        this.#ingest.viewEnd(input.stream);
        break;
      case 'evict':
      case 'move':
        this.#sendAway(input);
        break;
      case 'drain':
        this.#draining = true;
        for (const agent of this.#agents.values()) agent.drain(input.reason);
        for (const connection of this.#json.keys()) this.#goAway(connection, input.reason);
        break;
      case 'tick':
        this.#tick(nowMs, input.readMs ?? nowMs);
        break;
      default:
        unreachable(input);
    }
    return this.#take();
  }

  /** Rows of plain selects and the like, which nothing may hold up. */
  flushRows(): ShardEffect[] {
    this.#plans.flushOutputs();
    return this.#take();
  }

  /** What is due after some turns' worth of input: rows, reports, acknowledgements. */
  flush(): ShardEffect[] {
    this.#plans.flushOutputs();
    for (const agent of this.#agents.values()) agent.flush();
    this.#ingest.flush();
    for (const { stream, fields } of this.#values.take()) {
      const message = { type: 'stream-values', stream, fields } as const;
      this.#effects.push({ type: 'to-coordinator', message });
    }
    return this.#take();
  }

  #take(): ShardEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  #open(connection: number, kind: 'agent' | 'json', nowMs: number): void {
    if (this.#draining || this.connections >= this.#config.agentsMax) {
      const reason = this.#draining ? 'the engine is stopping' : 'LIMIT_AGENTS';
      const code = CLOSE.tryAgainLater;
      this.#effects.push({ type: 'disconnect', connection, code, reason });
      return;
    }
    if (kind === 'json') {
      this.#json.set(
        connection,
        new JsonConnection(connection, {
          config: this.#config,
          ingest: this.#ingest,
          authorize: this.#options.authorize,
          isRead: (stream) => this.#plans.isRead(stream),
          emit: (effect) => void this.#effects.push(effect),
          nowMs,
        }),
      );
      return;
    }
    this.#agents.set(
      connection,
      new AgentConnection(
        connection,
        {
          config: this.#config,
          interner: this.#interner,
          authorize: this.#options.authorize,
          emit: (effect) => void this.#effects.push(effect),
          evaluate: (batch, page, now) => this.#evaluate(batch, page, now),
          filtered: (stream, left) => this.#plans.filtered(stream, left),
          deltas: this.#plans,
          epoch: () => this.#plans.epoch,
          queriesOf: (stream) => this.#plans.ofStream(stream),
        },
        nowMs,
      ),
    );
  }

  #peerLost(shard: number): void {
    this.#peers.lost(shard);
    this.#plans.peerLost(shard);
  }

  #sendAway(input: Extract<ShardInput, { type: 'evict' | 'move' }>): void {
    const agent = this.#agents.get(input.connection);
    if (input.type === 'move') agent?.move();
    else agent?.evict(input.reason);
  }

  #closed(connection: number): void {
    this.#agents.get(connection)?.closed();
    this.#agents.delete(connection);
    this.#json.delete(connection);
  }

  #verdict(verdict: ClaimVerdict, nowMs: number): void {
    const { connection, agentKey, accepted } = verdict;
    const agent = this.#agents.get(connection);
    agent?.verdict(verdict, nowMs);
    agent?.allPlans();
    // Who hung up between hello and welcome would otherwise stay on the roster for ever.
    if (!accepted || agent?.isLive === true) return;
    const message = { type: 'agent-gone', agentKey, connection, bye: false } as const;
    this.#effects.push({ type: 'to-coordinator', message });
  }

  #text(connection: number, text: string, nowMs: number): void {
    const agent = this.#agents.get(connection);
    if (agent !== undefined) agent.text(text, nowMs);
    else this.#json.get(connection)?.text(text, nowMs);
  }

  #binary(connection: number, bytes: Uint8Array, nowMs: number): void {
    const agent = this.#agents.get(connection);
    if (agent !== undefined) agent.binary(bytes, nowMs);
    else this.#json.get(connection)?.binary();
  }

  /** Events too far ahead of the clock are dropped; all others are evaluated by every query. */
  #evaluate(batch: EventBatch, page: StreamPage, nowMs: number): void {
    const latestMs = nowMs + this.#config.futureMsMax;
    const future = this.#plans.evaluate(batch, { nowMs, latestMs });
    drop(page, 'future', future);
    page.evaluated += batch.rows - future;
    this.#meter.evaluated(batch.span.maxMs, nowMs);
    this.#values.batch(batch, nowMs);
  }

  #plansChanged(news: PlanNews | null, nowMs: number): void {
    if (news === null) return;
    this.#ingest.plansChanged();
    this.#peers.plansChanged(nowMs);
    for (const agent of this.#agents.values()) {
      if (news.base === null) agent.allPlans();
      else agent.planNews(news);
    }
    for (const json of this.#json.values()) json.plansChanged();
  }

  #goAway(connection: number, reason: string): void {
    this.#effects.push({ type: 'disconnect', connection, code: CLOSE.goingAway, reason });
  }

  #tick(nowMs: number, readMs: number): void {
    this.#plans.tick(nowMs);
    if (nowMs >= this.#nextLoadMs) this.#tellLoad(nowMs);
    if (nowMs < this.#nextTickMs) return;
    this.#nextTickMs = nowMs + Math.min(1_000, this.#config.leaseMs);
    for (const agent of this.#agents.values()) agent.tick(readMs);
    for (const json of this.#json.values()) json.tick(readMs);
    if (this.#interner.full) this.#sweep();
  }

  #tellLoad(nowMs: number): void {
    this.#nextLoadMs = nowMs + LOAD_MS;
    this.#plans.tellShed();
    this.#effects.push({ type: 'to-coordinator', message: this.#meter.take() });
  }

  #tellTable({ name, version }: TableData): void {
    const message = { type: 'table-held', name, version } as const;
    this.#effects.push({ type: 'to-coordinator', message });
  }

  #sweep(): void {
    const used = new Set<number>();
    for (const agent of this.#agents.values()) for (const id of agent.usedIds()) used.add(id);
    for (const id of this.#ingest.usedIds()) used.add(id);
    for (const id of this.#plans.usedIds()) used.add(id);
    for (const id of this.#tables.stringIds()) used.add(id);
    this.#interner.sweep(used);
  }
}
