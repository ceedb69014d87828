/**
 * Lines into events of one stream, whatever they come from. The format is the one that was chosen,
 * or guessed at the first lines. While nobody asks, one line of each piece tells the names of the
 * fields and the others are not parsed.
 */
import type { Event } from '../src/model/value.ts';
import { chooseParser } from './parsers/choose.ts';
import type { FormatOptions } from './parsers/choose.ts';
import type { LineParser } from './parsers/contract.ts';
import { guessFormat } from './parsers/guess.ts';
import type { AgentStream } from './published-stream.ts';

export interface LineFeedOptions extends FormatOptions {
  /** What the lines are called towards the user, e.g. `input`. */
  readonly source: string;
  /** Gets a line for the terminal now and then. */
  readonly onLine: (line: string) => void;
}

const SAMPLE_LINES = 10;

export class LineFeed {
  readonly #options: LineFeedOptions;
  readonly #stream: AgentStream;
  #parser: LineParser | null;
  #unread = 0;
  #unreadTold = 0;

  /** @throws Error with a sentence for the user if the format cannot be used. */
  constructor(options: LineFeedOptions, stream: AgentStream) {
    this.#options = options;
    this.#stream = stream;
    this.#parser = chooseParser(options, []);
  }

  /** `added` goes into each event, over fields of the line that are called the same. */
  publish(lines: readonly string[], added: Event = {}): void {
    if (lines.length === 0) return;
    const parser = (this.#parser ??= this.#guess(lines));
    if (!this.#stream.active) {
      const event = parser.parse(lines.at(-1) ?? '');
      if (event !== null) this.#stream.publish({ ...event, ...added });
      return;
    }
    for (const line of lines) {
      if (line === '') continue;
      const event = parser.parse(line);
      if (event === null) this.#unread++;
      else this.#stream.publish({ ...event, ...added });
    }
    this.#tellUnread(parser);
  }

  #guess(lines: readonly string[]): LineParser {
    const { source, onLine } = this.#options;
    const sample = lines.slice(0, SAMPLE_LINES);
    const parser = chooseParser(this.#options, sample) ?? guessFormat(sample).parser;
    onLine(`${source} looks like ${parser.name}`);
    return parser;
  }

  #tellUnread(parser: LineParser): void {
    // At 1, 2, 4, 8, … lines, so that a wrong format does not flood the terminal.
    if (this.#unread === this.#unreadTold || this.#unread < this.#unreadTold * 2) return;
    const { source, onLine } = this.#options;
    onLine(`${source}: ${this.#unread} lines are not ${parser.name}`);
    this.#unreadTold = this.#unread;
  }
}
