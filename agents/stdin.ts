/** Lines from standard input as a stream: `./sensor | squilla agent stdin`. */
import { configWith } from '../src/config.ts';
import { createAgent } from './agent.ts';
import { WHOLE_PROCESS } from './whole-process.ts';
import type { Agent } from './agent.ts';
import { LineSplitter } from './line-splitter.ts';
import { LineFeed } from './line-feed.ts';
import type { FormatOptions } from './parsers/choose.ts';
import type { RunningSource, SourceOptions } from './source.ts';
import { statusLine } from './status.ts';

export interface StdinOptions extends SourceOptions, FormatOptions {
  /** Default: `stdin`. */
  readonly stream?: string;
  /** Default: standard input. */
  readonly input?: NodeJS.ReadableStream;
  /** Called when the input has ended and everything is sent. */
  readonly onEnd?: () => void;
}

/** Share of the agent's queue above which input is paused. */
const FILL_MAX = 0.5;

export function runStdinAgent(options: StdinOptions): RunningSource {
  const agent = createAgent({
    ...options,
    limits: { ...WHOLE_PROCESS, ...options.limits },
    service: options.service ?? 'stdin',
    onStatus: (status) => options.onLine(statusLine(status)),
  });
  const reader = new InputReader(options, agent);
  reader.start();
  return reader;
}

class InputReader implements RunningSource {
  readonly #options: StdinOptions;
  readonly #agent: Agent;
  readonly #input: NodeJS.ReadableStream;
  readonly #splitter: LineSplitter;
  readonly #feed: LineFeed;
  readonly #pollMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: StdinOptions, agent: Agent) {
    const limits = configWith(options.limits ?? {});
    this.#options = options;
    this.#agent = agent;
    this.#input = options.input ?? process.stdin;
    this.#splitter = new LineSplitter(limits.lineBytesMax);
    this.#pollMs = limits.tailPollMs;
    // Lines come as they are written, so the time of reading is their time.
    const stream = agent.stream(options.stream ?? 'stdin', { time: { kind: 'arrival' } });
    this.#feed = new LineFeed({ ...options, source: 'input' }, stream);
  }

  start(): void {
    this.#input.on('data', this.#take);
    this.#input.on('end', this.#end);
  }

  async close(): Promise<void> {
    this.#input.off('data', this.#take);
    this.#input.off('end', this.#end);
    this.#input.pause();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#agent.close('input closed');
  }

  readonly #take = (chunk: Buffer | string): void => {
    this.#feed.publish(this.#splitter.push(Buffer.from(chunk as string)));
    if (this.#agent.fill <= FILL_MAX) return;
    this.#input.pause();
    this.#resumeLater();
  };

  readonly #end = (): void => {
    const rest = this.#splitter.finish();
    if (rest !== '') this.#feed.publish([rest]);
    void this.close().then(() => this.#options.onEnd?.());
  };

  #resumeLater(): void {
    this.#timer = setTimeout(() => {
      if (this.#agent.fill > FILL_MAX) this.#resumeLater();
      else this.#input.resume();
    }, this.#pollMs);
  }
}
