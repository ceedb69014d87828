/** What requests say about the times of a stream's events, and what its events show. */
import type { Config } from '../config.ts';
import { compilePath } from '../ir/path.ts';
import type { PathReader } from '../ir/path.ts';
import type { Event } from '../model/value.ts';
import type { TimePolicy } from '../wire/agent-messages.ts';
import { eventTimeMs } from '../wire/event-time.ts';
import { LearnedSlack } from './learned-slack.ts';
import type { IngestRequest } from './messages.ts';

export interface TimeNews {
  readonly time: TimePolicy;
  readonly isLearned: boolean;
}

export class IngestClock {
  readonly #config: Config;
  /** The time field that a request named last; null: none did. */
  #field: string | null = null;
  /** The longest that a request has asked for. */
  #askedMs = 0;
  #learned: LearnedSlack | null = null;
  #learnedMs = 0;

  constructor(config: Config) {
    this.#config = config;
  }

  /** What is to be said of the stream from these events on; null: nothing new. */
  news(
    { timeField, slackMs }: Pick<IngestRequest, 'timeField' | 'slackMs'>,
    events: readonly Event[],
    nowMs: number,
  ): TimeNews | null {
    // Requests that name no field change nothing: events with times of their own may still come.
    const field = timeField ?? this.#field;
    const isNewField = field !== this.#field;
    this.#field = field;
    const isLearned = slackMs === 'learned';
    const isNewSlack = isLearned ? this.#learn(events, nowMs) : this.#ask(slackMs);
    if (!isNewField && !isNewSlack) return null;
    const kind = field === null ? 'arrival' : 'field';
    const time = { kind, field, slackMs: isLearned ? this.#learnedMs : this.#askedMs } as const;
    return { time, isLearned };
  }

  #ask(askedMs: number): boolean {
    if (askedMs <= this.#askedMs) return false;
    this.#askedMs = askedMs;
    return true;
  }

  #learn(events: readonly Event[], nowMs: number): boolean {
    const { learnedSlackMsMin: minMs, learnedSlackMsMax: maxMs } = this.#config;
    this.#learned ??= new LearnedSlack({ minMs, maxMs });
    if (this.#field === null) return false;
    const readTime = timeReader(this.#field);
    for (const event of events) {
      this.#learned.look(eventTimeMs(readTime(event)) ?? nowMs, nowMs);
    }
    const before = this.#learnedMs;
    this.#learnedMs = this.#learned.slackMs;
    return this.#learnedMs !== before;
  }
}

export function timeReader(field: string): PathReader {
  return compilePath([{ by: 'name', name: field }]);
}
