/**
 * The subscriptions of one query as lists that stay the same objects while nobody comes or goes:
 * whoever hands messages on need not look everybody up anew for each.
 *
 * Bench: bench/fan-out.ts.
 */
import type { SecondBudget } from '../core/second-budget.ts';
import type { ClientRows } from './client-rows.ts';
import type { Subscription } from './subscription.ts';

/** Who gets the rows of one result. */
export interface Admitted {
  /** Those without a LIMIT of their own. */
  readonly shared: readonly string[];
  readonly limited: readonly Subscription[];
  /** Those whose clients are over their budgets. */
  readonly refused: readonly string[];
}

interface Everybody extends Admitted {
  readonly ids: readonly string[];
  readonly subscriptions: readonly Subscription[];
  /** By subscription; those of one client have one. */
  readonly budgets: readonly SecondBudget[];
}

export class Readers {
  readonly #clientRows: ClientRows;
  readonly #byId = new Map<string, Subscription>();
  #everybody: Everybody | null = null;

  constructor(clientRows: ClientRows) {
    this.#clientRows = clientRows;
  }

  get byId(): ReadonlyMap<string, Subscription> {
    return this.#byId;
  }

  get ids(): readonly string[] {
    return this.#all().ids;
  }

  /** Who has read it longest of those who do; null: nobody does. */
  get firstClient(): string | null {
    for (const { client } of this.#byId.values()) return client;
    return null;
  }

  join(subscription: Subscription): void {
    this.#byId.set(subscription.id, subscription);
    this.#clientRows.join(subscription.client);
    this.#everybody = null;
  }

  /** False: it was not there. */
  leave(id: string): boolean {
    const subscription = this.#byId.get(id);
    if (subscription === undefined) return false;
    this.#byId.delete(id);
    this.#clientRows.leave(subscription.client);
    this.#everybody = null;
    return true;
  }

  clear(): void {
    for (const { client } of this.#byId.values()) this.#clientRows.leave(client);
    this.#byId.clear();
    this.#everybody = null;
  }

  /** Takes so many rows from the budgets of all clients. */
  admit(rows: number, nowMs: number): Admitted {
    const all = this.#all();
    const { budgets, subscriptions } = all;
    let refused: Set<Subscription> | null = null;
    for (let i = 0; i < budgets.length; i++) {
      if (budgets[i]!.admitWhole(rows, nowMs)) continue;
      this.#clientRows.refuse(rows);
      (refused ??= new Set()).add(subscriptions[i]!);
    }
    return refused === null ? all : without(subscriptions, refused);
  }

  #all(): Everybody {
    if (this.#everybody !== null) return this.#everybody;
    const subscriptions = [...this.#byId.values()];
    const budgets = subscriptions.map(({ client }) => this.#clientRows.of(client));
    const ids = subscriptions.map(idOf);
    const limited = subscriptions.filter(isLimited);
    const shared = limited.length === 0 ? ids : subscriptions.filter(isUnlimited).map(idOf);
    this.#everybody = { ids, subscriptions, budgets, shared, limited, refused: [] };
    return this.#everybody;
  }
}

function without(all: readonly Subscription[], refused: ReadonlySet<Subscription>): Admitted {
  const admitted = all.filter((subscription) => !refused.has(subscription));
  return {
    shared: admitted.filter(isUnlimited).map(idOf),
    limited: admitted.filter(isLimited),
    refused: [...refused].map(idOf),
  };
}

function idOf({ id }: Subscription): string {
  return id;
}

function isLimited({ remaining }: Subscription): boolean {
  return remaining !== null;
}

function isUnlimited({ remaining }: Subscription): boolean {
  return remaining === null;
}
