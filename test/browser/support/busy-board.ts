/** A board of many panels whose windows come many times a second, on a clock that a test drives. */
import type { ValueObject } from '../../../src/model/value.ts';
import type { Script } from './fake-engine.ts';
import { column, completeness, rows, schema } from './results.ts';

export interface BusyBoardOptions {
  readonly panels: number;
  /** Lines of each panel. */
  readonly groups: number;
  /** Windows that a panel has from the beginning. */
  readonly history: number;
  readonly windowMs: number;
  /** How panels show their answers, in turn; absent: all as lines. */
  readonly shows?: readonly string[];
}

/** Panels beside each other, four in a row. */
export function busyBoard({ panels, shows = ['lines'] }: BusyBoardOptions): object {
  return {
    ...{ name: 'busy', title: 'Busy', description: '', variables: [] },
    panels: Array.from({ length: panels }, (_, i) => ({
      ...{ title: `Panel ${i}`, description: '', column: null, show: shows[i % shows.length] },
      query: `select count(*) as n from plays window 100ms group by region having n > ${i}`,
      at: { x: (i % 4) * 3, y: Math.floor(i / 4) * 4, width: 3, height: 4 },
    })),
  };
}

/** Sends every panel its next window when a test says so. */
export class BusyFeed {
  readonly #options: BusyBoardOptions;
  readonly #panels = new Set<(index: number) => void>();
  readonly #beganMs: number;
  #next: number;

  constructor(options: BusyBoardOptions, nowMs: number) {
    this.#options = options;
    this.#beganMs = nowMs - options.history * options.windowMs;
    this.#next = options.history;
  }

  /** Panels that listen. */
  get listening(): number {
    return this.#panels.size;
  }

  /** Of the newest window that was sent, ms UTC. */
  get newestEndMs(): number {
    return this.#beganMs + this.#next * this.#options.windowMs;
  }

  readonly script: Script = ({ send }) => {
    const { windowMs, groups } = this.#options;
    const columns = [column('region', { type: 'string', role: 'key' }), column('n')];
    send(schema({ columns, keys: ['region'], windowMs, slideMs: windowMs }));
    const window = (index: number): void => {
      const start = this.#beganMs + index * windowMs;
      const end = start + windowMs;
      const list = Array.from({ length: groups }, (_, group) => rowOf(index, group));
      const state = completeness({ watermark: end, emittedAt: end });
      send({ ...rows(start, list, { completeness: state }), windowEnd: end });
      if (index % 10 === 0) send({ type: 'progress', watermark: end, lagMs: 40 });
    };
    for (let i = 0; i < this.#next; i++) window(i);
    this.#panels.add(window);
    return () => this.#panels.delete(window);
  };

  /** One window for everybody. */
  tick(): void {
    const index = this.#next++;
    for (const window of this.#panels) window(index);
  }
}

function rowOf(index: number, group: number): ValueObject {
  const wave = Math.sin(index / 17 + group) + Math.sin(index / 3.1 + group * 7) / 4;
  return { region: `region-${group}`, n: Math.round(1_000 * (group + 2 + wave)) / 10 };
}
