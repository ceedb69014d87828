/**
 * One followed file into a stream. While nobody asks, lines are only skipped over. While somebody
 * does, the stream's watermark never passes the last moment at which everything written had been
 * read, and the file waits when the agent's queue is half full, so that nothing is lost.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../src/config.ts';
import type { Clock } from '../src/core/clock.ts';
import type { Event } from '../src/model/value.ts';
import { eventTimeMs } from '../src/wire/event-time.ts';
import type { Agent } from './agent.ts';
import type { FileFollower } from './file-follower.ts';
import type { FileMark } from './file-head.ts';
import type { LineJoiner } from './line-joiner.ts';
import { chooseParser } from './parsers/choose.ts';
import type { FormatOptions } from './parsers/choose.ts';
import type { LineParser } from './parsers/contract.ts';
import { guessFormat } from './parsers/guess.ts';
import { SettledMark } from './settled-mark.ts';
import type { SharedHold } from './shared-hold.ts';

export interface TailSourceParts {
  readonly follower: FileFollower;
  readonly agent: Agent;
  readonly hold: SharedHold;
  readonly limits: Config;
  readonly clock: Clock;
  readonly slackMs: number;
  readonly format: FormatOptions;
  /** Null: guessed when the first lines come. */
  readonly parser: LineParser | null;
  /** Null: each line is an event. */
  readonly joiner: LineJoiner | null;
  /** Events say which file they are from. */
  readonly namesFile: boolean;
  readonly onLine: (line: string) => void;
  readonly isClosed: () => boolean;
}

/** Lines that a guess is made from. */
export const SAMPLE_LINES = 10;
/** A line is in the file this much after the time it tells. */
export const WRITE_DELAY_MS = 250;
/** Share of the agent's queue above which the file waits. */
const FILL_MAX = 0.5;
/** Far fewer than the queue takes. */
const LINES_BETWEEN_LOOKS = 256;

export class TailSource {
  readonly path: string;
  readonly #parts: TailSourceParts;
  readonly #marks: SettledMark<FileMark>;
  #parser: LineParser | null;
  #lastNewsMs = 0;
  #unread = 0;
  #unreadTold = 0;

  constructor(parts: TailSourceParts) {
    this.#parts = parts;
    this.#parser = parts.parser;
    this.path = parts.follower.path;
    this.#marks = new SettledMark(parts.hold.stream, parts.follower.mark);
    parts.hold.reached(this.path, 0);
  }

  /** Where reading stands, as far as the engine has what was read. */
  get settled(): FileMark | null {
    return this.#marks.settled;
  }

  get isSettled(): boolean {
    return this.#marks.isSettled;
  }

  get isGone(): boolean {
    return this.#parts.follower.isGone;
  }

  /** Reads once. Resolves with whether everything was read. */
  async look(): Promise<boolean> {
    const { follower, clock, onLine, slackMs } = this.#parts;
    const beganMs = clock.now();
    const before = follower.mark;
    const news = await follower.look();
    for (const line of news.happened) onLine(line);
    if (news.lines.length > 0) this.#lastNewsMs = beganMs;
    await this.#take(news.lines, beganMs);
    // Lines of an event that may go on are read again after a restart.
    this.#mark(this.#parts.joiner?.isOpen === true ? before : follower.mark);
    // What is not read yet was written after we began to look.
    if (news.atEnd) this.#reached(beganMs - slackMs + WRITE_DELAY_MS / 2);
    return news.atEnd;
  }

  async close(): Promise<void> {
    const { follower, hold, joiner } = this.#parts;
    for (const event of joiner?.finish() ?? []) this.#publishLine(event);
    this.#mark(follower.mark);
    hold.forget(this.path);
    await follower.close();
  }

  #mark(mark: FileMark | null): void {
    if (mark !== null) this.#marks.reached(mark);
  }

  async #take(lines: readonly string[], nowMs: number): Promise<void> {
    const { joiner, limits } = this.#parts;
    if (joiner === null) return this.#publish(lines);
    const isQuiet = joiner.isOpen && nowMs - this.#lastNewsMs >= limits.multilineMs;
    await this.#publish(isQuiet ? [...joiner.push(lines), ...joiner.finish()] : joiner.push(lines));
  }

  async #publish(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const { stream } = this.#parts.hold;
    const parser = (this.#parser ??= this.#guess(lines));
    if (!stream.active) {
      // One event now and then tells the names of the fields.
      const event = parser.parse(lines.at(-1) ?? '');
      if (event !== null) stream.publish(this.#named(event));
      return;
    }
    for (let i = 0; i < lines.length; i++) {
      if (i % LINES_BETWEEN_LOOKS === 0) await this.#room();
      this.#publishLine(lines[i] as string);
    }
    this.#tellUnread(parser);
  }

  /** Waits while the agent's queue is too full to take more without losing something. */
  async #room(): Promise<void> {
    const { agent, limits, isClosed } = this.#parts;
    while (agent.fill > FILL_MAX && !isClosed()) await delay(limits.tailPollMs);
  }

  #publishLine(line: string): void {
    const parser = (this.#parser ??= this.#guess([line]));
    if (line === '') return;
    const event = parser.parse(line);
    if (event === null) {
      this.#unread++;
      return;
    }
    this.#parts.hold.stream.publish(this.#named(event));
    const timeMs = parser.timeField === null ? null : eventTimeMs(event[parser.timeField]);
    if (timeMs !== null) this.#reached(timeMs - this.#parts.slackMs);
  }

  #named(event: Event): Event {
    return this.#parts.namesFile ? { ...event, file: this.path } : event;
  }

  #guess(lines: readonly string[]): LineParser {
    const { format, onLine } = this.#parts;
    const sample = lines.slice(0, SAMPLE_LINES);
    const parser = chooseParser(format, sample) ?? guessFormat(sample).parser;
    onLine(`${this.path}: looks like ${parser.name}`);
    return parser;
  }

  #reached(timeMs: number): void {
    this.#parts.hold.reached(this.path, timeMs);
  }

  #tellUnread(parser: LineParser): void {
    // At 1, 2, 4, 8, … lines, so that a wrong format does not flood the terminal.
    if (this.#unread === this.#unreadTold || this.#unread < this.#unreadTold * 2) return;
    this.#parts.onLine(`${this.path}: ${this.#unread} lines are not ${parser.name}`);
    this.#unreadTold = this.#unread;
  }
}
