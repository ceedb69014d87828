/**
 * A log file as a stream. While nobody asks, lines are only skipped over. While somebody does, the
 * stream's watermark never passes the last moment at which everything written had been read, so
 * that a tail that is behind holds its windows open and nothing is late; and the tail waits when
 * the agent's queue is half full, so that nothing is lost either.
 */
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { configWith } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Event } from '../src/model/value.ts';
import { eventTimeMs } from '../src/wire/event-time.ts';
import { createAgent } from './agent.ts';
import { WHOLE_PROCESS } from './whole-process.ts';
import type { Agent } from './agent.ts';
import { FileFollower } from './file-follower.ts';
import type { LineParser } from './parsers/contract.ts';
import { guessFormat } from './parsers/guess.ts';
import { chooseParser } from './parsers/choose.ts';
import type { FormatOptions } from './parsers/choose.ts';
import type { AgentStream } from './published-stream.ts';
import type { RunningSource, SourceOptions } from './source.ts';
import { statusLine } from './status.ts';

export interface TailOptions extends SourceOptions, FormatOptions {
  readonly file: string;
  /** Default: the file's name without its extension. */
  readonly stream?: string;
  /** `start` waits until the engine has said what it wants. Default: `end`. */
  readonly from?: 'start' | 'end';
  /** How late a line may be written after its time. Default: 250 ms, 1,250 with whole seconds. */
  readonly slackMs?: number;
}

/** Lines that a guess is made from. */
const SAMPLE_LINES = 10;
/** A line is in the file this much after the time it tells. */
const WRITE_DELAY_MS = 250;
/** Share of the agent's queue above which the tail waits. */
const FILL_MAX = 0.5;
/** Far fewer than the queue takes. */
const LINES_BETWEEN_LOOKS = 256;

/** The error is a sentence for whoever chose the options. */
export async function runTailAgent(options: TailOptions): Promise<RunningSource> {
  const limits = configWith(options.limits ?? {});
  const follower = new FileFollower(options.file, options.from ?? 'end', {
    readBytesMax: limits.tailReadBytes,
    lineBytesMax: limits.lineBytesMax,
  });
  const head = await follower.head(SAMPLE_LINES);
  const parser = chooseParser(options, head);
  const agent = createAgent({
    ...options,
    limits: { ...WHOLE_PROCESS, ...options.limits },
    service: options.service ?? 'tail',
    onStatus: (status) => options.onLine(statusLine(status)),
  });
  const tail = new Tail({ options, limits, follower, agent, parser });
  tail.start();
  return tail;
}

interface TailParts {
  readonly options: TailOptions;
  readonly limits: Config;
  readonly follower: FileFollower;
  readonly agent: Agent;
  /** Null: guessed when the first lines come. */
  readonly parser: LineParser | null;
}

class Tail implements RunningSource {
  readonly #parts: TailParts;
  readonly #stream: AgentStream;
  readonly #slackMs: number;
  #parser: LineParser | null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  #heldMs = 0;
  #unread = 0;
  #unreadTold = 0;

  constructor(parts: TailParts) {
    const { options, agent, parser } = parts;
    this.#parts = parts;
    this.#parser = parser;
    this.#slackMs = options.slackMs ?? WRITE_DELAY_MS + coarsenessMs(parser);
    const name = options.stream ?? basename(options.file).replace(/\.[^.]*$/, '');
    // Of an empty file nothing is known yet; lines that turn out to have no time get that of
    // reading.
    const field = parser === null ? 'time' : parser.timeField;
    this.#stream = agent.stream(name, {
      time: field === null ? { kind: 'publish' } : { kind: 'field', field },
      slackMs: this.#slackMs,
    });
    if (parser !== null) options.onLine(`${options.file} → stream ${name}: ${parser.name}`);
    else options.onLine(`${options.file} → stream ${name}: format guessed at the first line`);
  }

  start(): void {
    this.#stream.hold(this.#heldMs);
    this.#schedule(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    await this.#parts.follower.close();
    await this.#parts.agent.close('tail closed');
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, delayMs);
  }

  async #look(): Promise<void> {
    const { options, limits, follower, agent } = this.#parts;
    try {
      // What is there already would be skipped over before anybody could ask for it.
      if (options.from === 'start' && !agent.planned) return this.#schedule(limits.tailPollMs);
      const beganMs = (options.clock ?? systemClock).now();
      const news = await follower.look();
      for (const line of news.happened) options.onLine(line);
      await this.#publish(news.lines);
      // What is not read yet was written after we began to look.
      if (news.atEnd) this.#hold(beganMs - this.#slackMs + WRITE_DELAY_MS / 2);
      this.#schedule(news.atEnd ? limits.tailPollMs : 0);
    } catch (error) {
      options.onLine(`${options.file}: ${error instanceof Error ? error.message : String(error)}`);
      this.#schedule(limits.reconnectMaxMs);
    }
  }

  async #publish(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const parser = this.#parser ?? this.#guess(lines);
    if (!this.#stream.active) {
      // One event now and then tells the names of the fields.
      const event = parser.parse(lines.at(-1) ?? '');
      if (event !== null) this.#stream.publish(event);
      return;
    }
    for (let i = 0; i < lines.length; i++) {
      if (i % LINES_BETWEEN_LOOKS === 0) await this.#room();
      this.#publishLine(parser, lines[i] as string);
    }
    this.#tellUnread();
  }

  /** Waits while the agent's queue is too full to take more without losing something. */
  async #room(): Promise<void> {
    const { agent, limits } = this.#parts;
    while (agent.fill > FILL_MAX && !this.#closed) await delay(limits.tailPollMs);
  }

  #publishLine(parser: LineParser, line: string): void {
    if (line === '') return;
    const event = parser.parse(line);
    if (event === null) {
      this.#unread++;
      return;
    }
    this.#stream.publish(event);
    const timeMs = parser.timeField === null ? null : timeOf(event, parser.timeField);
    if (timeMs !== null) this.#hold(timeMs - this.#slackMs);
  }

  #guess(lines: readonly string[]): LineParser {
    const { options } = this.#parts;
    const sample = lines.slice(0, SAMPLE_LINES);
    const parser = chooseParser(options, sample) ?? guessFormat(sample).parser;
    this.#parser = parser;
    options.onLine(`${options.file}: looks like ${parser.name}`);
    return parser;
  }

  /** Only ever forward. */
  #hold(timeMs: number): void {
    if (timeMs <= this.#heldMs) return;
    this.#heldMs = timeMs;
    this.#stream.hold(timeMs);
  }

  #tellUnread(): void {
    if (this.#unread === this.#unreadTold) return;
    // At 1, 2, 4, 8, … lines, so that a wrong format does not flood the terminal.
    if (this.#unread >= this.#unreadTold * 2) {
      const { options } = this.#parts;
      options.onLine(`${options.file}: ${this.#unread} lines are not ${this.#parser?.name}`);
      this.#unreadTold = this.#unread;
    }
  }
}

/** Unknown formats may tell whole seconds. */
function coarsenessMs(parser: LineParser | null): number {
  const stepMs = parser?.timeStepMs ?? 1_000;
  return stepMs > 1 ? stepMs : 0;
}

function timeOf(event: Event, field: string): number | null {
  return eventTimeMs(event[field]);
}
