/**
 * Whether looking at something is worth it. While nobody asks, one look in sixty-four goes on, so
 * that the names of the fields are known before the first query; its values go nowhere.
 */
import type { AgentStream } from '../published-stream.ts';

const IDLE_MASK = 63;

export class Demand {
  readonly stream: AgentStream;
  #idle = 0;

  constructor(stream: AgentStream) {
    this.stream = stream;
  }

  /** The next look is wanted. */
  take(): boolean {
    return this.stream.active || (this.#idle++ & IDLE_MASK) === 0;
  }
}
