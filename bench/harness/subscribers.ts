/** The clients of a bench: subscribes to queries and keeps what each window's results said. */
import { connect } from '../../src/client/connect.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RowsMessage } from '../../src/wire/results.ts';

/** A window's last result. */
export interface SeenWindow {
  readonly result: RowsMessage;
  /** When it came in. */
  readonly receivedMs: number;
}

export class Subscribers {
  /** For each query, by start of window. */
  readonly windows: readonly Map<number, SeenWindow>[];
  onRows: (query: number, result: RowsMessage, receivedMs: number) => void = () => undefined;
  readonly #client: ReturnType<typeof connect>;
  readonly #refusals: string[] = [];
  #ready = 0;
  #wake: () => void = () => undefined;

  constructor(url: string, queries: readonly string[]) {
    this.#client = connect(url);
    this.windows = queries.map(() => new Map());
    queries.forEach((text, query) => {
      this.#client.subscribe(text, {
        onMessage: (message) => {
          const receivedMs = systemClock.now();
          if (message.type === 'schema') this.#ready++;
          else if (message.type === 'error') this.#refusals.push(message.problem.detail);
          else if (message.type === 'rows') this.#take(query, message, receivedMs);
          this.#wake();
        },
      });
    });
  }

  /** Resolves when the engine has accepted every query. */
  async accepted(): Promise<void> {
    await this.until(() => this.#ready >= this.windows.length);
  }

  /** Looked at whenever a message comes in. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#refusals.length > 0) throw new Error(`refused: ${this.#refusals.join('; ')}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#client.close();
  }

  #take(query: number, result: RowsMessage, receivedMs: number): void {
    this.onRows(query, result, receivedMs);
    if (result.windowStart === null || !result.last || result.provisional) return;
    const windows = this.windows[query] as Map<number, SeenWindow>;
    if (result.part > 0) return;
    windows.set(result.windowStart, { result, receivedMs });
  }
}
