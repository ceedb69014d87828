/**
 * What sockets brought and a shard had no time for yet. A turn of the event loop works for
 * `shardTurnMs` at most and keeps the rest, in order, for the next ones: messages of the
 * coordinator (close a window, shed a query), pongs and clocks wait for a turn and never for the
 * backlog. Whoever sends more than `backlogBytesMax` ahead is not read: its socket fills up.
 *
 * Bench: ingest. test/faults/overload.test.ts shows what it is for.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { ConnectionInput } from './effects.ts';

/** A kept input costs this much beside its text or bytes, for the bound. */
const OVERHEAD_BYTES = 128;

interface Kept {
  readonly input: ConnectionInput;
  readonly sinceMs: number;
  readonly bytes: number;
}

export class Backlog {
  readonly #clock: Clock;
  readonly #config: Pick<Config, 'shardTurnMs' | 'backlogBytesMax'>;
  readonly #work: (input: ConnectionInput) => void;
  /** In order from `#head` on. */
  #kept: Kept[] = [];
  #head = 0;
  #bytes = 0;
  /** Of this turn. */
  #workedMs = 0;

  constructor(
    clock: Clock,
    config: Pick<Config, 'shardTurnMs' | 'backlogBytesMax'>,
    work: (input: ConnectionInput) => void,
  ) {
    this.#clock = clock;
    this.#config = config;
    this.#work = work;
  }

  get isEmpty(): boolean {
    return this.#head === this.#kept.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All that arrived before then was worked on. */
  get readMs(): number {
    return this.#kept[this.#head]?.sinceMs ?? this.#clock.now();
  }

  /** Works on it, or keeps a copy of it. */
  take(input: ConnectionInput): void {
    if (this.isEmpty && this.#hasTime) {
      this.#timed(input);
      return;
    }
    const bytes = OVERHEAD_BYTES + sizeOf(input);
    while (!this.isEmpty && this.#bytes + bytes > this.#config.backlogBytesMax) this.#next();
    const own = input.type === 'binary' ? { ...input, bytes: input.bytes.slice() } : input;
    this.#kept.push({ input: own, sinceMs: this.#clock.now(), bytes });
    this.#bytes += bytes;
  }

  /** A turn ends and the next begins: works on what is kept for as long as a turn may. */
  turn(): void {
    this.#workedMs = 0;
    while (!this.isEmpty && this.#hasTime) this.#next();
    if (this.isEmpty) this.#workedMs = 0;
  }

  /** However long it takes. */
  workOff(): void {
    while (!this.isEmpty) this.#next();
  }

  get #hasTime(): boolean {
    return this.#workedMs < this.#config.shardTurnMs;
  }

  #next(): void {
    const { input, bytes } = this.#kept[this.#head]!;
    this.#head++;
    this.#bytes -= bytes;
    if (this.isEmpty) {
      this.#kept = [];
      this.#head = 0;
    } else if (this.#head >= 1_024 && this.#head * 2 >= this.#kept.length) {
      this.#kept.splice(0, this.#head);
      this.#head = 0;
    }
    this.#timed(input);
  }

  #timed(input: ConnectionInput): void {
    const startedMs = this.#clock.now();
    this.#work(input);
    this.#workedMs += this.#clock.now() - startedMs;
  }
}

function sizeOf(input: ConnectionInput): number {
  if (input.type === 'binary') return input.bytes.byteLength;
  return input.type === 'text' ? 2 * input.text.length : 0;
}
