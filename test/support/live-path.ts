/**
 * The live path without clocks, sockets and a coordinator: agents or plain ingest bodies → shards →
 * panes → assembled windows, all in one call. The caller deals the events; what comes back is the
 * answer of every window it names, as the engine would send it.
 */
import { HomeAnswer } from '../../src/coordinator/home-answer.ts';
import { SessionAnswer } from '../../src/coordinator/session-answer.ts';
import { homeShard } from '../../src/coordinator/home-shard.ts';
import { KeylessMerges } from '../../src/coordinator/keyless-merges.ts';
import { byEventOrder, WindowAssembler } from '../../src/coordinator/window-assembler.ts';
import { RunningAggregate } from '../../src/coordinator/running-aggregate.ts';
import type { Config } from '../../src/config.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import type { Event, ValueObject } from '../../src/model/value.ts';
import { compileFinal } from '../../src/operator/final.ts';
import type { TableData } from '../../src/operator/table-columns.ts';
import { whyNotAtAgents } from '../../src/plan/edge-aggregation.ts';
import type { ShardEffect } from '../../src/shard/effects.ts';
import type { PanesMessage, ShardOutput } from '../../src/shard/messages.ts';
import { Shard } from '../../src/shard/shard.ts';
import type { HomeWindow, SessionsPartial } from '../../src/window/home-partial.ts';
import type { PanePartial, SlotRow } from '../../src/window/pane-partial.ts';
import { SocketlessAgent, TIME_FIELD } from './socketless-agent.ts';

const PIPELINE = 'p';
/** Every shard has them. Keys of several types, one twice, one of no row; cells of any kind. */
export const TABLES: readonly TableData[] = [
  {
    name: 'names',
    version: 1,
    keyColumn: 'id',
    rows: [
      { id: 'a', name: 'first', size: 1, tags: ['x'] },
      { id: 'b', name: 'b', size: 2.5, tags: null },
      { id: 1, name: 'one', size: 10, tags: { k: 1 } },
      { id: 2, name: null, size: null },
      { id: true, name: 'yes', size: 3 },
      { id: null, name: 'nothing', size: 9 },
      { id: 'é', name: 'e', size: -1 },
      { id: 'a', name: 'ab', size: 4, tags: [] },
    ],
  },
];

export interface DealtEvent {
  /** Its time stands in {@link TIME_FIELD}. */
  readonly event: Event;
  readonly timeMs: number;
  readonly stream: string;
  /** Who publishes it: sender s is at shard s modulo the number of shards. */
  readonly sender: number;
}

/** `edge`: agents, which aggregate by themselves what they can. */
export type Feed = 'agents' | 'edge' | 'ingest';

export interface LivePathOptions {
  readonly config: Config;
  readonly shards: number;
  readonly feed: Feed;
  /** Connections break and acknowledgements are lost, so that agents send frames again. */
  readonly breaks?: boolean;
  /** So many events in a row leave together, each sender's in one batch. */
  readonly batchRows: number;
  /** In order of publishing. After each chunk the panes that end at or before `closeMs` close. */
  readonly chunks: readonly {
    readonly events: readonly DealtEvent[];
    readonly closeMs: number | null;
  }[];
  readonly nowMs: number;
  /** Every stream of the plan. */
  readonly streams: readonly string[];
}

export interface LivePanes {
  readonly panes: readonly PanePartial[];
  /** Rows of a plain select without a window, in order of arrival. */
  readonly rows: readonly SlotRow[];
  /** Windows that filled at the home shard, in order. */
  readonly homeWindows: readonly HomeWindow[];
  /** What ended with each close. */
  readonly sessions: readonly SessionsPartial[];
  readonly seen: number;
  readonly matched: number;
  /** Events for panes that had closed; those that their sender left out may be missing. */
  readonly late: number;
}

/** The agent id that events of a sender carry. */
export function agentIdOf(sender: number, { feed, shards }: LivePathOptions): string {
  return feed !== 'ingest' ? `agent-${sender}` : `engine/${sender % shards}`;
}

/** Which events leave together, and from where, in order. */
export function sendings(
  events: readonly DealtEvent[],
  { batchRows, feed, shards }: LivePathOptions,
): readonly (readonly [source: number, events: readonly DealtEvent[]])[] {
  const sent: (readonly [number, readonly DealtEvent[]])[] = [];
  for (let from = 0; from < events.length; from += batchRows) {
    const bySource = new Map<number, DealtEvent[]>();
    for (const dealt of events.slice(from, from + batchRows)) {
      const source = feed !== 'ingest' ? dealt.sender : dealt.sender % shards;
      const own = bySource.get(source) ?? [];
      own.push(dealt);
      bySource.set(source, own);
    }
    sent.push(...bySource);
  }
  return sent;
}

/** Runs all events through the shards and closes everything. */
export function runShards(plan: QueryPlan, options: LivePathOptions): LivePanes {
  const path = new LivePath(plan, options);
  for (const { events, closeMs } of options.chunks) {
    path.feed(events);
    if (closeMs !== null) path.close(closeMs);
  }
  path.finish();
  return path;
}

class LivePath implements LivePanes {
  readonly panes: PanePartial[] = [];
  readonly rows: SlotRow[] = [];
  readonly homeWindows: HomeWindow[] = [];
  readonly sessions: SessionsPartial[] = [];
  seen = 0;
  matched = 0;
  readonly #options: LivePathOptions;
  readonly #shards: readonly Shard[];
  readonly #agents = new Map<number, SocketlessAgent>();
  readonly #home: number | null;
  /** So far, by shard. */
  readonly #lateOf = new Map<number, number>();
  /** Frames that a shard has evaluated, by connection. */
  readonly #evaluated = new Map<number, number>();

  constructor(plan: QueryPlan, options: LivePathOptions) {
    const { config, nowMs } = options;
    this.#options = options;
    const all = Array.from({ length: options.shards }, (_, shard) => shard);
    const home = plan.home === null ? null : homeShard(plan.fingerprint, all);
    const isEdge = options.feed === 'edge' && whyNotAtAgents(plan) === null;
    const plans = [{ pipeline: PIPELINE, plan, home, share: null, closedThroughMs: 0, isEdge }];
    this.#home = home;
    this.#shards = Array.from({ length: options.shards }, (_, shard) => {
      const made = new Shard({
        shard,
        config,
        nowMs,
        authorize: () => ({ mayIngest: () => true }),
      });
      for (const table of TABLES) made.handle({ type: 'table', table }, nowMs);
      made.handle({ type: 'plans', epoch: 1, plans }, nowMs);
      return made;
    });
  }

  get late(): number {
    return [...this.#lateOf.values()].reduce((sum, late) => sum + late, 0);
  }

  feed(events: readonly DealtEvent[]): void {
    for (const [source, own] of sendings(events, this.#options)) {
      this.#send(source, own);
    }
  }

  close(throughMs: number): void {
    // Nobody closes a pane before agents have said that its end has passed.
    for (const agent of this.#agents.values()) agent.pass(throughMs);
    const shards = this.#shards.map((_, shard) => shard);
    const awaits = this.#home === null ? [] : shards.filter((shard) => shard !== this.#home);
    for (const shard of shards) {
      this.#toShard(shard, { type: 'close', pipeline: PIPELINE, throughMs, awaits });
    }
  }

  finish(): void {
    for (const agent of this.#agents.values()) agent.heartbeat();
    this.close(this.#options.nowMs * 2);
  }

  /** `source`: the number of the agent, or of the shard that takes a body. */
  #send(source: number, events: readonly DealtEvent[]): void {
    const { feed, nowMs, streams } = this.#options;
    if (feed !== 'ingest') {
      this.#agent(source).publish(events);
      return;
    }
    for (const stream of streams) {
      const own = events.filter((one) => one.stream === stream);
      if (own.length === 0) continue;
      const lines = own.map(({ event }) => JSON.stringify(event)).join('\n');
      const body = new TextEncoder().encode(lines);
      const request = { type: 'ingest', request: 1, stream, format: 'ndjson' } as const;
      this.#toShard(source, { ...request, body, timeField: TIME_FIELD, slackMs: nowMs });
    }
  }

  #agent(sender: number): SocketlessAgent {
    const known = this.#agents.get(sender);
    if (known !== undefined) return known;
    const shard = sender % this.#options.shards;
    const agent = new SocketlessAgent({
      sender,
      id: agentIdOf(sender, this.#options),
      options: this.#options,
      toShard: (input) => this.#toShard(shard, input),
    });
    this.#agents.set(sender, agent);
    agent.start();
    return agent;
  }

  #toShard(shard: number, input: Parameters<Shard['handle']>[0]): void {
    const machine = this.#shards[shard]!;
    const { nowMs } = this.#options;
    const effects = [...machine.handle(input, nowMs), ...machine.flush()];
    for (const effect of effects) this.#effect(shard, effect);
  }

  #effect(shard: number, effect: ShardEffect): void {
    switch (effect.type) {
      case 'send':
        this.#agents.get(effect.connection)?.receive(effect.text);
        break;
      case 'to-coordinator':
        this.#told(shard, structuredClone(effect.message));
        break;
      case 'to-peer': {
        const messages = [structuredClone(effect.message)];
        this.#toShard(effect.shard, { type: 'peer', from: shard, messages });
        break;
      }
      case 'disconnect':
        throw new Error(`the shard hung up: ${effect.reason}`);
    }
  }

  #told(shard: number, message: ShardOutput): void {
    if (message.type === 'claim') {
      this.#toShard(shard, {
        type: 'verdict',
        connection: message.connection,
        accepted: true,
        agentKey: message.connection + 1,
        evaluatedSequence: this.#evaluated.get(message.connection) ?? 0,
        code: null,
        detail: null,
      });
    } else if (message.type === 'agent-report' && message.agentKey > 0) {
      this.#evaluated.set(message.agentKey - 1, message.evaluatedSequence);
    } else if (message.type === 'panes') this.#panesOf(shard, message);
    else if (message.type === 'rows') {
      this.rows.push(...message.rows);
      this.seen += message.seen;
      this.matched += message.matched;
    } else if (message.type === 'home-windows') this.homeWindows.push(...message.windows);
    else if (message.type === 'ingested' && message.rejected > 0) {
      throw new Error(`ingest refused: ${JSON.stringify(message.errors)}`);
    }
  }

  #panesOf(shard: number, message: PanesMessage): void {
    this.panes.push(...message.panes);
    if (message.sessions !== undefined) this.sessions.push(message.sessions);
    this.seen += message.sessions?.seen ?? 0;
    this.matched += message.sessions?.matched ?? 0;
    this.#lateOf.set(shard, message.late);
    for (const pane of message.panes) {
      this.seen += pane.seen;
      this.matched += pane.matched;
    }
  }
}

/** Rows of the windows that end at `endsMs`, ascending; LIMIT of a whole query is not applied. */
export function windowRows(
  plan: QueryPlan,
  panes: readonly PanePartial[],
  endsMs: readonly number[],
  config: Config,
): readonly (readonly ValueObject[])[] {
  const { window } = plan;
  if (window.kind !== 'time') throw new Error('the query has no window');
  const assembler = new WindowAssembler(plan, config, new KeylessMerges());
  assembler.addClosed(panes);
  return endsMs.map((endMs) => {
    const answer = assembler.window(endMs, {
      coveredMs: window.sizeMs,
      isFinal: true,
      series: { telling: 'first', teaches: true },
    });
    assembler.forgetBefore(endMs - window.sizeMs + window.slideMs);
    return answer.rows.map(({ window_start: _start, window_end: _end, ...row }) => row);
  });
}

/** Rows of the windows that ended at the home shard. */
export function homeRows(
  plan: QueryPlan,
  windows: readonly HomeWindow[],
): readonly (readonly ValueObject[])[] {
  const answer = new HomeAnswer(plan);
  return windows.map((window) => answer.rows(window));
}

/** Rows of all sessions, in order of their ends. */
export function sessionRows(
  plan: QueryPlan,
  sessions: readonly SessionsPartial[],
): readonly ValueObject[] {
  const answer = new SessionAnswer(plan);
  return sessions.flatMap((ended) => answer.rows(ended));
}

/** The one emission at the end of an aggregate without a window. */
export function runningRows(
  plan: QueryPlan,
  panes: readonly PanePartial[],
  elapsedMs: number,
): readonly ValueObject[] {
  const running = new RunningAggregate(plan);
  for (const pane of panes) running.add([pane]);
  return running.rows(elapsedMs);
}

/** Rows of a plain select without a window, in event order. */
export function passedRows(plan: QueryPlan, rows: readonly SlotRow[]): readonly ValueObject[] {
  return compileFinal(plan.final)(rows.toSorted(byEventOrder).map(({ slots }) => slots));
}
