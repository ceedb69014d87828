/** The streams of one agent, by name, and what is done to all of them. */
import type { Config } from '../src/config.ts';
import type { TimePolicy } from '../src/wire/agent-messages.ts';
import { StreamState } from './stream-state.ts';
import type { StreamSurroundings } from './stream-state.ts';

export class StreamSet {
  readonly byName = new Map<string, StreamState>();
  readonly #limits: Config;

  constructor(limits: Config) {
    this.#limits = limits;
  }

  get all(): readonly StreamState[] {
    return [...this.byName.values()];
  }

  /** Null: the agent offers as many as it may. */
  create(
    name: string,
    time: TimePolicy,
    around: Pick<StreamSurroundings, 'clock' | 'offsetMs' | 'outbox' | 'onWork'>,
  ): StreamState | null {
    const limits = this.#limits;
    if (this.byName.size >= limits.streamsPerAgentMax) return null;
    const state = new StreamState(name, time, {
      ...around,
      limits: {
        rowsMax: limits.agentFlushEvents,
        // Half, because the estimate may be too low by as much (see CellBatch.bytes).
        bytesMax: limits.frameBytesMax / 2,
        fieldsMax: limits.fieldsMax,
        fieldNameBytesMax: limits.fieldNameBytesMax,
      },
      catalogue: {
        fieldsMax: limits.catalogueFieldsMax,
        nameLengthMax: limits.fieldNameBytesMax,
      },
    });
    this.byName.set(name, state);
    return state;
  }

  /** Clock time at which some batch will have waited long enough; Infinity: none is being built. */
  get flushAtMs(): number {
    let sinceMs = Infinity;
    for (const stream of this.byName.values()) {
      if (stream.builtSinceMs < sinceMs) sinceMs = stream.builtSinceMs;
    }
    return sinceMs + this.#limits.agentFlushMs;
  }

  /** Seals what has waited long enough. */
  flushDue(nowMs: number): void {
    const sinceMs = nowMs - this.#limits.agentFlushMs;
    for (const stream of this.byName.values()) {
      if (stream.builtSinceMs <= sinceMs) stream.seal();
    }
  }

  flush(): void {
    for (const stream of this.byName.values()) stream.seal();
  }

  /** Nobody asks any more; what was built is sealed. */
  deactivate(): void {
    for (const stream of this.byName.values()) stream.replan(null, 0);
  }
}
