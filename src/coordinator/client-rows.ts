/**
 * Rows that each client is sent in a second, whichever of his queries they are of. Results are sent
 * whole or not at all; a client that is over his budget is told what he missed.
 */
import { SecondBudget } from '../core/second-budget.ts';

export class ClientRows {
  readonly #perSecond: number;
  readonly #budgets = new Map<string, SecondBudget>();
  #second = -1;
  #refused = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Rows that were not sent so far. */
  get refused(): number {
    return this.#refused;
  }

  /** False: the client is over his budget, and these rows are not for him. */
  admits(client: string, rows: number, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      // Whoever sent nothing this second needs no entry.
      this.#budgets.clear();
    }
    let budget = this.#budgets.get(client);
    if (budget === undefined)
      this.#budgets.set(client, (budget = new SecondBudget(this.#perSecond)));
    if (budget.admitWhole(rows, nowMs)) return true;
    this.#refused += rows;
    return false;
  }
}
