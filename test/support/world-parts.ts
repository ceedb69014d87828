/** What the simulated system is made of, besides the code that ships. */
import type { AgentSession } from '../../agents/session.ts';
import type { Config } from '../../src/config.ts';
import type { VirtualClock } from '../../src/core/clock.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';

export interface WorldOptions {
  readonly seed?: number;
  readonly shards?: number;
  readonly config?: Partial<Config>;
  /** What functions over series of a query remember of an earlier run. */
  readonly seriesStates?: (plan: QueryPlan) => ReadonlyMap<string, Float64Array>;
  /** Saved queries by name. */
  readonly views?: Readonly<Record<string, string>>;
  /** One-way delay of a message, in ms. */
  readonly delayMs?: (rng: Rng) => number;
  /** How long a shard's reports and acknowledgements wait for company, in ms. */
  readonly flushMs?: (rng: Rng) => number;
  /** How much of its time a shard works, 0 … 1; absent: shards do not say. */
  readonly busy?: (shard: number) => number;
  /** The share of moves that lead back to the same shard. Default: 0. */
  readonly movesAstray?: number;
}

export interface WorldAgent {
  readonly name: string;
  readonly clock: VirtualClock;
  session: AgentSession;
  shard: number;
  /** Which shard gets its next connection; null: the one it has. */
  nextShard: number | null;
  connection: number | null;
  alive: boolean;
  /** A black hole: messages wait, in order, until it heals or the connection breaks. */
  cut: boolean;
  held: (() => void)[];
  incarnation: number;
}
