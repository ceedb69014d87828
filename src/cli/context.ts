/**
 * What a command may touch of the outside: output, input, terminal, signals. Tests hand in theirs.
 */
export interface CliContext {
  readonly version: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Colours may be used. */
  readonly colors: boolean;
  readonly now: () => number;
  readonly readStdin: () => AsyncIterable<Uint8Array>;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}
