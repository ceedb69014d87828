/**
 * Renews the tables that have a source: asks when it is time, a bounded number at once, and hands
 * on what is new. What fails changes nothing: the last good rows stay, their age and the failure
 * are shown.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Rng } from '../core/rng.ts';
import type { Logger } from '../observe/logger.ts';
import type { TableSource } from '../store/table-source.ts';
import { TableFeed } from './table-feed.ts';
import { fetchTable } from './table-fetch.ts';
import type { Fetched, FetchParts } from './table-fetch.ts';

export interface TableFeedsParts extends FetchParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Rows of a source, which replace those that are there. @throws EngineError */
  readonly apply: (
    name: string,
    fetched: Extract<Fetched, { kind: 'text' }>,
    source: TableSource,
  ) => void;
}

const TICK_MS = 250;

export class TableFeeds {
  readonly #parts: TableFeedsParts;
  readonly #feeds = new Map<string, TableFeed>();
  #busy = 0;
  #ticker: NodeJS.Timeout | null = null;

  constructor(parts: TableFeedsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#ticker = setInterval(() => void this.tick(), TICK_MS);
  }

  stop(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
    this.#feeds.clear();
  }

  names(): Iterable<string> {
    return this.#feeds.keys();
  }

  get(name: string): TableFeed | null {
    return this.#feeds.get(name) ?? null;
  }

  /** Replaces a source of that name. The feed is asked at the next tick. */
  add(name: string, source: TableSource): TableFeed {
    const feed = new TableFeed(source);
    this.#feeds.set(name, feed);
    return feed;
  }

  remove(name: string): void {
    this.#feeds.delete(name);
  }

  /** Asks those whose time has come; done when all of them have answered. Returns how many. */
  async tick(): Promise<number> {
    const { clock, config } = this.#parts;
    const nowMs = clock.now();
    const asked: Promise<void>[] = [];
    for (const [name, feed] of this.#feeds) {
      if (this.#busy >= config.tableFetchesMax) break;
      if (feed.isDue(nowMs)) asked.push(this.#renew(name, feed));
    }
    await Promise.all(asked);
    return asked.length;
  }

  /** Done when every source has answered once, well or badly. */
  async firstRound(): Promise<void> {
    while ((await this.tick()) > 0);
  }

  async #renew(name: string, feed: TableFeed): Promise<void> {
    this.#busy++;
    feed.isBusy = true;
    try {
      const fetched = await fetchTable(feed.source, feed.validators, this.#parts);
      // Somebody may have removed or replaced the table meanwhile.
      if (this.#feeds.get(name) === feed) this.#take(name, feed, fetched);
    } finally {
      feed.isBusy = false;
      this.#busy--;
    }
  }

  #take(name: string, feed: TableFeed, fetched: Fetched): void {
    const { apply, clock, config, log, rng } = this.#parts;
    const wasWell = feed.error === null;
    const fail = (reason: string, retryAfterMs: number | null): void => {
      feed.failed(reason, retryAfterMs, { nowMs: clock.now(), spread: rng.next() }, config);
      if (wasWell) log.warn(`table ${name} keeps its rows: its source failed`, { reason });
    };
    if (fetched.kind === 'failed') {
      fail(fetched.reason, fetched.retryAfterMs);
      return;
    }
    try {
      if (fetched.kind === 'text') apply(name, fetched, feed.source);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error), null);
      return;
    }
    const validators = fetched.kind === 'text' ? fetched.validators : null;
    feed.confirmed(validators, clock.now());
    if (!wasWell) log.info(`table ${name} is renewed again`);
  }
}
