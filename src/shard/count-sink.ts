/** Windows of a number of events at their home shard: ended ones leave at the end of the turn. */
import type { Config } from '../config.ts';
import type { CountWindow } from '../ir/plan.ts';
import type { EventBatch } from '../model/batch.ts';
import { CountWindows } from '../operator/count-windows.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import type { HomeSink } from './home-stage.ts';
import type { PlannedQuery, ShardOutput } from './messages.ts';

export class CountSink implements HomeSink {
  readonly #pipeline: string;
  readonly #windows: CountWindows;
  #toldFilled = 0;
  #toldDropped = 0;

  constructor({ pipeline, plan }: PlannedQuery, window: CountWindow, config: Config) {
    this.#pipeline = pipeline;
    this.#windows = new CountWindows(plan, window, config);
  }

  get state(): StateSize {
    return this.#windows.state;
  }

  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    this.#windows.add(batch, rows, n, clock);
  }

  addFiltered(_timeMs: number, count: number): void {
    this.#windows.addFiltered(count);
  }

  /** No window ends by event time. */
  close(): null {
    return null;
  }

  peek(): null {
    return null;
  }

  tick(nowMs: number): void {
    this.#windows.tick(nowMs);
  }

  takeOutputs(): readonly ShardOutput[] {
    const pipeline = this.#pipeline;
    const { open, dropped } = this.#windows;
    const outputs: ShardOutput[] = [];
    if (dropped > this.#toldDropped) {
      this.#toldDropped = dropped;
      outputs.push({ type: 'stage-counts', pipeline, late: 0, dropped: { rows: dropped } });
    }
    const windows = this.#windows.take();
    if (windows.length > 0 || open.filled !== this.#toldFilled) {
      this.#toldFilled = open.filled;
      outputs.push({ type: 'home-windows', pipeline, windows, open });
    }
    return outputs;
  }

  stringIds(): Iterable<number> {
    return this.#windows.stringIds();
  }
}
