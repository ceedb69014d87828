/**
 * Rules over events of the past: the coordinator, a shard and the alert engine that ship, joined
 * under a clock that the events move. What a rule does here is what it would have done, absences
 * included; only time passes faster.
 */
import type { Config } from '../config.ts';
import { DEFAULTS } from '../config.ts';
import { assert } from '../core/assert.ts';
import { Engine } from '../coordinator/engine.ts';
import type { CoordinatorEffect, CoordinatorInput } from '../coordinator/messages.ts';
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import type { ValueObject } from '../model/value.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import { Shard } from '../shard/shard.ts';
import type { ShardEffect } from '../shard/effects.ts';
import type { ShardInput } from '../shard/messages.ts';
import { AlertEngine } from './alert-engine.ts';
import type { VersionedRule } from './alert-engine.ts';
import { NOTHING_SAVED } from './rule-scope.ts';
import type { AlertTransition } from './transition.ts';

export interface ReplayEvent {
  readonly stream: string;
  /** ms UTC; events come in order of time. */
  readonly timeMs: number;
  readonly event: ValueObject;
}

export interface ReplayOptions {
  readonly rules: readonly VersionedRule[];
  readonly startMs: number;
  /** Events that are taken in at once; windows close as often. */
  readonly stepMs: number;
  /** Queries that the rules or their queries name. */
  readonly saved?: ViewDefinitions;
  /** Called with each window before the rules hear it. */
  readonly heard?: (window: ToldWindow) => void;
}

/** The field that carries an event's time through ingest. */
const TIME_FIELD = '__replayed_at';
const SHARD = 0;

export class Replay {
  readonly transitions: AlertTransition[] = [];
  readonly alerts: AlertEngine;
  readonly #config: Config;
  readonly #engine: Engine;
  readonly #shard: Shard;
  readonly #stepMs: number;
  readonly #heard: (window: ToldWindow) => void;
  readonly #waiting = new Map<string, string[]>();
  #nowMs: number;
  #request = 0;

  constructor(options: ReplayOptions) {
    const { rules, startMs, stepMs, saved = NOTHING_SAVED } = options;
    this.#heard = options.heard ?? ((): void => undefined);
    // The past is all there: nobody is on his way, and no stream is forgotten for being quiet.
    this.#config = { ...DEFAULTS, startupMs: 0, closeWaitMs: 0, rosterMs: Number.MAX_SAFE_INTEGER };
    const config = this.#config;
    this.#stepMs = stepMs;
    this.#nowMs = Math.floor(startMs / stepMs) * stepMs;
    const nowMs = this.#nowMs;
    this.#engine = new Engine({ config, incarnation: 'replay', nowMs, views: saved });
    this.#shard = new Shard({ shard: SHARD, config, nowMs, authorize: () => null });
    this.alerts = new AlertEngine({
      limits: { keysMax: config.ruleKeysMax, trailWindows: config.ruleWindowsKept },
      scope: { plan: (query, params) => this.#engine.check(query, params), saved },
    });
    this.#input({ type: 'shard-up', shard: SHARD });
    this.alerts.setRules(rules, nowMs);
    this.#settle();
    this.#input({ type: 'tick' });
  }

  /** Time that has passed, ms UTC. */
  get nowMs(): number {
    return this.#nowMs;
  }

  feed({ stream, timeMs, event }: ReplayEvent): void {
    this.advanceTo(timeMs);
    const lines = this.#waiting.get(stream) ?? [];
    this.#waiting.set(stream, lines);
    lines.push(JSON.stringify({ ...event, [TIME_FIELD]: timeMs }));
  }

  /** Closes every window that ends by `ms`. */
  advanceTo(ms: number): void {
    while (this.#nowMs + this.#stepMs <= ms) {
      this.#nowMs += this.#stepMs;
      this.#ingest();
      this.#toShard({ type: 'tick' });
      this.#input({ type: 'tick' });
      this.#toShard({ type: 'tick' });
      this.#input({ type: 'tick' });
      this.alerts.tick(this.#nowMs);
      this.#settle();
    }
  }

  #ingest(): void {
    for (const [stream, lines] of this.#waiting) {
      if (lines.length === 0) continue;
      const body = new TextEncoder().encode(lines.join('\n'));
      lines.length = 0;
      this.#toShard({
        ...{ type: 'ingest', stream, format: 'ndjson', body, timeField: TIME_FIELD, slackMs: 0 },
        request: this.#request++,
      });
    }
  }

  #settle(): void {
    const { transitions, inputs } = this.alerts.take();
    this.transitions.push(...transitions);
    for (const input of inputs) this.#input(input);
  }

  #input(input: CoordinatorInput): void {
    this.#carryOut(this.#engine.handle(input, this.#nowMs));
  }

  #toShard(input: ShardInput): void {
    this.#fromShard(this.#shard.handle(input, this.#nowMs));
  }

  #fromShard(effects: readonly ShardEffect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'to-coordinator') continue;
      const { message } = effect;
      assert(message.type !== 'failed', () => 'the shard failed in a replay');
      if (message.type === 'ingested') continue;
      this.#input({ type: 'shard', shard: SHARD, message: structuredClone(message) });
    }
  }

  #carryOut(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'to-shard':
          this.#toShard(structuredClone(effect.message));
          break;
        case 'to-all-shards':
          this.#toShard(structuredClone(effect.message));
          break;
        case 'window':
          this.#heard(effect.window);
          this.alerts.hear(effect, this.#nowMs);
          break;
        case 'source':
        case 'listening':
        case 'deaf':
          this.alerts.hear(effect, this.#nowMs);
          break;
        case 'deliver':
        case 'closed':
          break;
      }
    }
  }
}
