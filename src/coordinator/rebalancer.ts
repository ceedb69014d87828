/**
 * Whom to ask to connect to another shard. Shards own connections, and the kernel, or chance, may
 * have given one of them all the talkative agents. While one shard works much and much more than
 * the idlest, for a while, those of its agents are picked that take a part of its work which the
 * other can take over without becoming the busier of the two; so no move makes a next one
 * necessary, and a single agent that is more than half the difference stays where it is.
 *
 * Invariants: at most `MOVES_AT_ONCE` agents every `moveAfterMs`; nobody who moved is asked again
 * within `moveRestMs`.
 */
import type { Config } from '../config.ts';
import type { Roster, RosterAgent } from './roster.ts';

export interface Move {
  readonly agent: RosterAgent;
  readonly to: number;
}

/** A reconnect costs a shard a plan set and what comes again; a few at a time go unnoticed. */
const MOVES_AT_ONCE = 8;
/** The busiest works this many times as much as the idlest. */
const UNEVEN = 1.5;

interface Uneven {
  readonly busiest: number;
  readonly sinceMs: number;
  /** Bytes of frames that each agent of the busiest had sent then, by key. */
  readonly bytes: ReadonlyMap<number, number>;
}

export class Rebalancer {
  readonly #config: Pick<Config, 'moveBusyPercent' | 'moveAfterMs'>;
  readonly #roster: Roster;
  readonly #busy = new Map<number, number>();
  #uneven: Uneven | null = null;

  constructor(config: Pick<Config, 'moveBusyPercent' | 'moveAfterMs'>, roster: Roster) {
    this.#config = config;
    this.#roster = roster;
  }

  lost(shard: number): void {
    this.#busy.delete(shard);
    this.#uneven = null;
  }

  /** A shard says how much of its time it worked, 0 … 1; gives whom to ask, and whereto. */
  report(shard: number, busy: number, nowMs: number): readonly Move[] {
    this.#busy.set(shard, busy);
    const [busiest, idlest] = this.#extremes();
    const [high, low] = [this.#busy.get(busiest) ?? 0, this.#busy.get(idlest) ?? 0];
    if (high * 100 < this.#config.moveBusyPercent || high < UNEVEN * low) {
      this.#uneven = null;
      return [];
    }
    if (this.#uneven?.busiest !== busiest) this.#uneven = this.#begin(busiest, nowMs);
    if (nowMs - this.#uneven.sinceMs < this.#config.moveAfterMs) return [];
    const picked = this.#pick(this.#uneven, { high, low, nowMs });
    this.#uneven = null;
    return picked.map((agent) => ({ agent, to: idlest }));
  }

  #extremes(): readonly [busiest: number, idlest: number] {
    const shards = [...this.#busy].sort(([, a], [, b]) => b - a);
    return [shards[0]?.[0] ?? 0, shards.at(-1)?.[0] ?? 0];
  }

  #begin(busiest: number, nowMs: number): Uneven {
    const bytes = new Map<number, number>();
    for (const agent of this.#roster.agents()) {
      if (agent.shard === busiest) bytes.set(agent.key, bytesOf(agent));
    }
    return { busiest, sinceMs: nowMs, bytes };
  }

  /** The largest first, of those that together are no more than half the difference. */
  #pick(
    { busiest, bytes: before }: Uneven,
    { high, low, nowMs }: { readonly high: number; readonly low: number; readonly nowMs: number },
  ): readonly RosterAgent[] {
    const sent: { readonly agent: RosterAgent; readonly bytes: number }[] = [];
    let total = 0;
    for (const agent of this.#roster.agents()) {
      const known = before.get(agent.key);
      if (agent.shard !== busiest || known === undefined) continue;
      // Counts begin anew with a session.
      const bytes = Math.max(0, bytesOf(agent) - known);
      total += bytes;
      if (bytes > 0 && this.#roster.mayMove(agent, nowMs)) sent.push({ agent, bytes });
    }
    let room = (total * (high - low)) / high / 2;
    const picked: RosterAgent[] = [];
    for (const { agent, bytes } of sent.sort((a, b) => b.bytes - a.bytes)) {
      if (bytes > room || picked.length >= MOVES_AT_ONCE) continue;
      room -= bytes;
      picked.push(agent);
    }
    return picked;
  }
}

/** Of events or of what was counted of them: what a shard has to read. */
function bytesOf(agent: RosterAgent): number {
  let bytes = 0;
  for (const stream of agent.streams.values()) bytes += stream.bytes;
  return bytes;
}
