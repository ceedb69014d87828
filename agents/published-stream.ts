/** What a service sees of a stream. */
import type { Publishable, PublishOutcome } from './publish-outcome.ts';
import type { StreamState } from './stream-state.ts';

export interface AgentStream {
  /**
   * Takes an event, or a function that makes one and is called only while some query reads the
   * stream. Returns what became of it; never throws and never waits. Values are taken as JSON takes
   * them; the event may be changed afterwards.
   */
  publish(event: Publishable): PublishOutcome;
  /** Whether some query reads the stream. */
  readonly active: boolean;
  /** Events at or after this time are still to come (ms since 1970); null: none are known of. */
  hold(timeMs: number | null): void;
  /** For sources that begin again where they stood. */
  readonly progress: StreamProgress;
}

export interface StreamProgress {
  /** Events that were put into batches so far. */
  readonly taken: number;
  /** Of those, from the first on without a gap, the ones acknowledged or given up. */
  readonly settled: number;
}

export class PublishedStream implements AgentStream {
  readonly #state: StreamState;

  constructor(state: StreamState) {
    this.#state = state;
  }

  get active(): boolean {
    return this.#state.active;
  }

  publish(event: Publishable): PublishOutcome {
    return this.#state.publish(event);
  }

  hold(timeMs: number | null): void {
    this.#state.hold(timeMs);
  }

  get progress(): StreamProgress {
    return this.#state.progress;
  }
}

/** For streams beyond the limit of an agent. */
export const INACTIVE_STREAM: AgentStream = {
  active: false,
  publish: () => 'skipped',
  hold: () => undefined,
  progress: { taken: 0, settled: 0 },
};
