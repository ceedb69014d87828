/**
 * One event order a group, in columns: which event a group's value comes from. Deciding by the
 * total order of events and never by arrival keeps answers equal for every number of shards.
 */
import { grownFloats } from '../sketch/typed-column.ts';
import type { EventOrder } from './contract.ts';

export interface OrdersPartial {
  /** NaN: the group has no event. */
  readonly times: Float64Array;
  readonly sequences: Float64Array;
  readonly agents: readonly string[];
}

export class EventOrders {
  #times: Float64Array = new Float64Array(0);
  #sequences: Float64Array = new Float64Array(0);
  #agents: string[] = [];

  grow(count: number): void {
    this.#times = grownFloats(this.#times, count, NaN);
    this.#sequences = grownFloats(this.#sequences, count);
  }

  has(group: number): boolean {
    return !Number.isNaN(this.#times[group]!);
  }

  /** Sign of `group`'s event minus `order`; the group must have one. */
  compare(group: number, order: EventOrder): number {
    const byTime = this.#times[group]! - order.timeMs;
    if (byTime !== 0) return byTime;
    const agent = this.#agents[group]!;
    if (agent !== order.agentId) return agent < order.agentId ? -1 : 1;
    return this.#sequences[group]! - order.sequence;
  }

  set(group: number, order: EventOrder): void {
    while (this.#agents.length <= group) this.#agents.push('');
    this.#times[group] = order.timeMs;
    this.#sequences[group] = order.sequence;
    this.#agents[group] = order.agentId;
  }

  encode(count: number): OrdersPartial {
    return {
      times: this.#times.slice(0, count),
      sequences: this.#sequences.slice(0, count),
      agents: this.#agents.slice(0, count),
    };
  }

  reset(): void {
    this.#times.fill(NaN);
    this.#agents = [];
  }
}
