/**
 * At most so many log lines of one code in a period: a fault that comes ten thousand times a second
 * must not drown the log, nor cost the engine its time. Suppressed lines are counted, and the first
 * line of the next period says how many there were. Lines without a code are never suppressed.
 *
 * Codes come from catalogues, so the table of codes is bounded by their size.
 */
import type { Config } from '../config.ts';

export type LogLimits = Pick<Config, 'logLinesPerCodeMax' | 'logPeriodMs'>;

export interface LogVerdict {
  readonly allowed: boolean;
  /** Lines of this code suppressed since the last allowed one; report it with this line. */
  readonly suppressed: number;
}

interface Period {
  startMs: number;
  lines: number;
  suppressed: number;
}

export class LogLimiter {
  readonly #limits: LogLimits;
  readonly #periods = new Map<string, Period>();

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  /** Counts one line of `code` at `nowMs` and says whether to write it. */
  admit(code: string, nowMs: number): LogVerdict {
    const period = this.#periods.get(code);
    if (period === undefined || nowMs - period.startMs >= this.#limits.logPeriodMs) {
      this.#periods.set(code, { startMs: nowMs, lines: 1, suppressed: 0 });
      return { allowed: true, suppressed: period?.suppressed ?? 0 };
    }
    if (period.lines < this.#limits.logLinesPerCodeMax) {
      period.lines += 1;
      return { allowed: true, suppressed: 0 };
    }
    period.suppressed += 1;
    return { allowed: false, suppressed: period.suppressed };
  }
}
