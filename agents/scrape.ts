/**
 * Prometheus targets as a stream: each is asked for its metrics while a query reads the stream, and
 * otherwise left alone. One event a sample, with the labels of the target, and for what only goes
 * up, how much it grew since the last look (`increase`) and by how much a second (`rate`).
 */
import { systemClock } from '../src/core/clock.ts';
import { configWith } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { createAgent } from './agent.ts';
import type { Agent } from './agent.ts';
import type { AgentStream } from './published-stream.ts';
import { ScrapeTarget } from './scrape-target.ts';
import type { RunningSource, SourceOptions } from './source.ts';
import { statusLine } from './status.ts';
import { WHOLE_PROCESS } from './whole-process.ts';

export interface ScrapeOptions extends SourceOptions {
  /** Addresses such as `http://127.0.0.1:9100/metrics`; without a path, `/metrics` is meant. */
  readonly targets: readonly string[];
  /** Label `job` of all samples. Default: `scrape`. */
  readonly job?: string;
  /** Default: `prometheus`. */
  readonly stream?: string;
  /** Between two looks at a target. Default: 5,000. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 5_000;
/** Whether somebody asks is looked at this often, so that a new query need not wait. */
const LOOK_MS = 200;

/** @throws Error if an address is none. */
export function runScrapeAgent(options: ScrapeOptions): RunningSource {
  const config = configWith(options.limits ?? {});
  const targets = options.targets.map((address) => new ScrapeTarget(address, config));
  const agent = createAgent({
    ...options,
    limits: { ...WHOLE_PROCESS, ...options.limits },
    service: options.service ?? 'scrape',
    onStatus: (status) => options.onLine(statusLine(status)),
  });
  const source = new ScrapeSource(options, { agent, targets, config });
  source.start();
  return source;
}

interface ScrapeParts {
  readonly agent: Agent;
  readonly targets: readonly ScrapeTarget[];
  readonly config: Config;
}

class ScrapeSource implements RunningSource {
  readonly #options: ScrapeOptions;
  readonly #agent: Agent;
  readonly #stream: AgentStream;
  readonly #loops: readonly TargetLoop[];

  constructor(options: ScrapeOptions, { agent, targets, config }: ScrapeParts) {
    this.#options = options;
    this.#agent = agent;
    // What a target says it says of the moment in which it is asked.
    const slackMs = config.publishSlackMs;
    this.#stream = agent.stream(options.stream ?? 'prometheus', { slackMs });
    this.#loops = targets.map(
      (target) => new TargetLoop(target, this.#stream, { ...options, onLine: this.#say }),
    );
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.close()));
    await this.#agent.close('scrape agent closed');
  }

  readonly #say = (line: string): void => this.#options.onLine(line);
}

/** Asks one target again and again while somebody reads. */
class TargetLoop {
  readonly #target: ScrapeTarget;
  readonly #stream: AgentStream;
  readonly #options: Pick<ScrapeOptions, 'clock' | 'job' | 'intervalMs' | 'onLine'>;
  #timer: NodeJS.Timeout | null = null;
  #asking: Promise<void> = Promise.resolve();
  #nextMs = -Infinity;
  #isClosed = false;
  /** The names and types of fields are worth one look even if nobody reads. */
  #hasLooked = false;
  #complaint: string | null = null;

  constructor(
    target: ScrapeTarget,
    stream: AgentStream,
    options: Pick<ScrapeOptions, 'clock' | 'job' | 'intervalMs' | 'onLine'>,
  ) {
    this.#target = target;
    this.#stream = stream;
    this.#options = options;
  }

  start(): void {
    this.#asking = this.#turn();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#target.abort();
    await this.#asking;
  }

  async #turn(): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    const nowMs = clock.now();
    if (nowMs >= this.#nextMs && (this.#stream.active || !this.#hasLooked)) {
      this.#hasLooked = true;
      const intervalMs = this.#options.intervalMs ?? INTERVAL_MS;
      // On whole multiples of the interval, so that windows hold the same number of looks.
      this.#nextMs = nowMs - (nowMs % intervalMs) + intervalMs;
      await this.#ask(() => clock.now());
    }
    if (this.#isClosed) return;
    const waitMs = Math.min(LOOK_MS, Math.max(0, this.#nextMs - clock.now()));
    this.#timer = setTimeout(
      () => {
        this.#asking = this.#turn();
      },
      this.#stream.active && waitMs > 0 ? waitMs : LOOK_MS,
    );
  }

  async #ask(now: () => number): Promise<void> {
    const { events, complaint } = await this.#target.ask(this.#options.job ?? 'scrape', now);
    for (const event of events) this.#stream.publish(event);
    // A target that stays away says so once.
    if (complaint !== null && complaint !== this.#complaint) this.#options.onLine(complaint);
    this.#complaint = complaint;
  }
}
