/**
 * What is known of an agent that was asked to connect to another shard. Between its two connections
 * it is not gone: windows wait for it as for a live one, for as long as a lease lasts. Where the
 * kernel deals connections it may come back to the shard that it left, and is asked again, a few
 * times.
 */
import type { Config } from '../config.ts';

export interface AgentMove {
  readonly from: number;
  readonly askedAtMs: number;
  /** How often it has been asked since it last rested. */
  readonly tries: number;
  /** It is back, wherever that is. */
  readonly isOver: boolean;
}

const TRIES_MAX = 5;

type MoveConfig = Pick<Config, 'leaseMs' | 'moveAfterMs' | 'moveRestMs'>;

export function askedToMove(move: AgentMove | null, from: number, nowMs: number): AgentMove {
  const tries = move === null || move.tries >= TRIES_MAX ? 1 : move.tries + 1;
  return { from, askedAtMs: nowMs, tries, isOver: false };
}

/** It has connected to `shard`. */
export function cameBack(move: AgentMove, shard: number): AgentMove {
  const tries = shard === move.from ? move.tries : TRIES_MAX;
  return { ...move, tries, isOver: true };
}

/** It hung up because it was asked to, and will be back. */
export function isOnItsWay(
  move: AgentMove | null,
  lostAtMs: number,
  { config, nowMs }: { readonly config: MoveConfig; readonly nowMs: number },
): boolean {
  if (move === null || move.isOver) return false;
  return lostAtMs - move.askedAtMs <= config.leaseMs && nowMs - lostAtMs <= config.leaseMs;
}

export function mayBeAsked(move: AgentMove | null, config: MoveConfig, nowMs: number): boolean {
  if (move === null) return true;
  const restMs = move.tries < TRIES_MAX ? config.moveAfterMs : config.moveRestMs;
  return nowMs - move.askedAtMs >= restMs;
}
