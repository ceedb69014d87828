/** Later, as an argument: tests let virtual time pass. */
export interface Timers {
  /** Runs once after so many milliseconds; the result takes that back. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Runs when what is under way now is done. */
  readonly soon: (run: () => void) => void;
}

export const systemTimers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};
