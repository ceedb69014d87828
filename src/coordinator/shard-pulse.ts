/**
 * Whether a shard keeps up with its sockets. An agent behind a shard that does not has said more
 * than the engine has read, so nobody may call it silent: it is the engine that is behind.
 */
import type { Config } from '../config.ts';
import { LOAD_MS } from '../shard/messages.ts';
import type { ShardLoad } from '../shard/messages.ts';

interface Heard {
  readonly atMs: number;
  readonly busy: number;
  readonly isBehind: boolean;
}

type PulseConfig = Pick<Config, 'behindMs' | 'shedBusyPercent'>;

export class ShardPulse {
  readonly #config: PulseConfig;
  readonly #heard = new Map<number, Heard>();

  constructor(config: PulseConfig) {
    this.#config = config;
  }

  /** What the shard says of itself, every `LOAD_MS` unless it is too busy even for that. */
  report(shard: number, { busy, lagMs }: ShardLoad, nowMs: number): void {
    const { behindMs, shedBusyPercent } = this.#config;
    const isBehind = lagMs >= behindMs && busy * 100 >= shedBusyPercent;
    this.#heard.set(shard, { atMs: nowMs, busy, isBehind });
  }

  /** Null: it has not said. */
  busyPercent(shard: number): number | null {
    const heard = this.#heard.get(shard);
    return heard === undefined ? null : Math.round(heard.busy * 1_000) / 10;
  }

  lost(shard: number): void {
    this.#heard.delete(shard);
  }

  /** True as well when the shard, or the thread that reads its messages, is stuck. */
  isBehind(shard: number, nowMs: number): boolean {
    const heard = this.#heard.get(shard);
    if (heard === undefined) return false;
    return heard.isBehind || nowMs - heard.atMs > LOAD_MS + this.#config.behindMs;
  }
}
