/**
 * Rows that each client is sent in a second, whichever of his queries they are of. Results are sent
 * whole or not at all; a client that is over his budget is told what he missed.
 */
import { SecondBudget } from '../core/second-budget.ts';

interface ClientBudget {
  readonly budget: SecondBudget;
  subscriptions: number;
}

export class ClientRows {
  readonly #perSecond: number;
  readonly #clients = new Map<string, ClientBudget>();
  #refused = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Rows that were not sent so far. */
  get refused(): number {
    return this.#refused;
  }

  /** A subscription of the client: it has to leave, too. */
  join(client: string): void {
    let known = this.#clients.get(client);
    if (known === undefined) {
      known = { budget: new SecondBudget(this.#perSecond), subscriptions: 0 };
      this.#clients.set(client, known);
    }
    known.subscriptions++;
  }

  /** What all subscriptions of a client that has joined draw on. */
  of(client: string): SecondBudget {
    return this.#clients.get(client)!.budget;
  }

  leave(client: string): void {
    const known = this.#clients.get(client);
    if (known !== undefined && --known.subscriptions === 0) this.#clients.delete(client);
  }

  refuse(rows: number): void {
    this.#refused += rows;
  }
}
