/**
 * When something that failed may start again: at once after the first failure, then after waits
 * that double, and not at all after too many failures within the period. One for each thing that is
 * restarted; failures older than the period are forgotten.
 */
export interface RestartLimits {
  /** The failure that is one too many, within {@link RestartLimits.periodMs}. */
  readonly failuresMax: number;
  readonly periodMs: number;
  /** After the second failure; doubles with each further one. */
  readonly waitMinMs: number;
  readonly waitMaxMs: number;
}

export class RestartRule {
  readonly #limits: RestartLimits;
  #failedAtMs: readonly number[] = [];

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** It failed at `nowMs`: milliseconds to wait before the next start, or null to give it up. */
  failed(nowMs: number): number | null {
    const { failuresMax, periodMs, waitMinMs, waitMaxMs } = this.#limits;
    const recent = this.#failedAtMs.filter((failedMs) => failedMs > nowMs - periodMs);
    this.#failedAtMs = [...recent, nowMs];
    const failures = this.#failedAtMs.length;
    if (failures >= failuresMax) return null;
    return failures === 1 ? 0 : Math.min(waitMinMs * 2 ** (failures - 2), waitMaxMs);
  }
}
