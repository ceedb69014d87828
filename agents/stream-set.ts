/** The streams of one agent, by name, and what is done to all of them. */
import type { Config } from '../src/config.ts';
import type { TimePolicy } from '../src/wire/agent-messages.ts';
import type { BatchLimits } from '../src/wire/cell-batch.ts';
import { HEADER_BYTES } from '../src/wire/frame-layout.ts';
import type { TableBudget } from '../src/edge/edge-table.ts';
import type { Clock } from '../src/core/clock.ts';
import { CpuGuard } from './cpu-guard.ts';
import type { QueryKinds } from './cpu-guard.ts';
import { StreamMask } from './mask.ts';
import type { MaskRule } from './mask.ts';
import { StreamState } from './stream-state.ts';
import type { StreamSurroundings } from './stream-state.ts';
import type { TableLimits } from './stream-tables.ts';

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

export class StreamSet {
  readonly byName = new Map<string, StreamState>();
  /** Of the tables of all streams. */
  readonly budget: TableBudget = { bytes: 0, opened: false, layout: 0 };
  readonly #limits: Config;
  readonly #mask: readonly MaskRule[];
  /** These two are shared by all streams. */
  readonly #batches: Changeable<BatchLimits>;
  readonly #tables: Changeable<TableLimits>;
  #guard: CpuGuard | null = null;

  /** The limits may change while it is in use; `reload` says so. */
  constructor(limits: Config, mask: readonly MaskRule[] = []) {
    this.#limits = limits;
    this.#mask = mask;
    this.#batches = batchLimits(limits);
    this.#tables = tableLimits(limits, this.budget);
  }

  /** Other limits hold from now on. */
  reload(): void {
    Object.assign(this.#batches, batchLimits(this.#limits));
    Object.assign(this.#tables, tableLimits(this.#limits, this.budget));
    if (this.#guard !== null) this.#guard.percent = this.#limits.agentCpuPercent;
  }

  /** The queries are others from now on. */
  replanned(kinds: QueryKinds): void {
    this.#guard?.replanned(kinds);
  }

  /** What looking at events took so far, in milliseconds, about. */
  get costMs(): number {
    return this.#guard?.costMs ?? 0;
  }

  get all(): readonly StreamState[] {
    return [...this.byName.values()];
  }

  /** Null: the agent offers as many as it may. */
  create(
    name: string,
    time: TimePolicy,
    around: Pick<
      StreamSurroundings,
      'clock' | 'stampClock' | 'offsetMs' | 'outbox' | 'spooled' | 'onWork'
    >,
  ): StreamState | null {
    const limits = this.#limits;
    if (this.byName.size >= limits.streamsPerAgentMax) return null;
    const state = new StreamState(name, time, {
      ...around,
      guard: this.#guardOf(around.clock),
      mask: StreamMask.of(this.#mask, name),
      limits: this.#batches,
      catalogue: {
        fieldsMax: limits.catalogueFieldsMax,
        nameLengthMax: limits.fieldNameBytesMax,
      },
      tables: this.#tables,
    });
    this.byName.set(name, state);
    return state;
  }

  /** Clock time at which some batch will have waited long enough; Infinity: none is being built. */
  get flushAtMs(): number {
    let dueMs = Infinity;
    for (const stream of this.byName.values()) {
      const builtMs = stream.builtSinceMs + this.#waitMs(stream);
      dueMs = Math.min(dueMs, builtMs, stream.partialsAtMs);
    }
    return dueMs;
  }

  /** Seals what has waited long enough. */
  flushDue(nowMs: number): void {
    for (const stream of this.byName.values()) {
      if (stream.builtSinceMs + this.#waitMs(stream) <= nowMs) stream.seal();
      if (stream.partialsAtMs <= nowMs) stream.sealPartials(Infinity);
    }
  }

  /** Some stream has promised more than the clock shows now, and not by a little. */
  isAhead(nowMs: number): boolean {
    for (const stream of this.byName.values()) if (stream.isAhead(nowMs)) return true;
    return false;
  }

  flush(): void {
    for (const stream of this.byName.values()) stream.seal();
  }

  /** Nobody asks any more; what was built is sealed. */
  deactivate(): void {
    for (const stream of this.byName.values()) stream.replan(null, 0);
  }

  #guardOf(clock: Clock): CpuGuard {
    this.#guard ??= new CpuGuard(clock, this.#limits.agentCpuPercent);
    return this.#guard;
  }

  /** Somebody watches rows of a stream without a window as they come, or results of windows. */
  #waitMs(stream: StreamState): number {
    const { agentFlushMs, agentTailFlushMs } = this.#limits;
    return stream.evaluator?.hasTail === true
      ? Math.min(agentTailFlushMs, agentFlushMs)
      : agentFlushMs;
  }
}

function batchLimits(limits: Config): BatchLimits {
  return {
    rowsMax: limits.agentFlushEvents,
    // Half, because the estimate may be too low by as much (see CellBatch.bytes).
    bytesMax: limits.frameBytesMax / 2,
    fieldsMax: limits.fieldsMax,
    fieldNameBytesMax: limits.fieldNameBytesMax,
  };
}

function tableLimits(limits: Config, budget: TableBudget): TableLimits {
  return {
    budget,
    bytesMax: limits.agentTableBytes,
    bodyBytesMax: limits.frameBytesMax - HEADER_BYTES,
    lateMs: limits.agentFlushMs,
    futureMs: limits.futureMsMax,
  };
}
