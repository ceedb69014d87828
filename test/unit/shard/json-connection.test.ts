/** JSON sockets as a shard sees them: who watches, what is lost, and what nobody should send. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import type { IngestGrant, ShardEffect } from '../../../src/shard/effects.ts';
import type { PlannedQuery } from '../../../src/shard/messages.ts';
import { Shard } from '../../../src/shard/shard.ts';
import { aggregateSpec, planOf, tumbling } from '../../support/hand-plans.ts';
import { lawParameters } from '../../support/laws.ts';

const CONFIG = configWith({ handshakeMs: 1_000, streamsPerAgentMax: 3, streamsMax: 5 });

class Bench {
  nowMs = 10_000;
  readonly #shard: Shard;

  /** With a token, only it may send, and only to streams that begin with `web.`. */
  constructor(token: string | null = null, config = CONFIG) {
    const authorize = (given: string | null): IngestGrant | null => {
      if (token === null) return { mayIngest: () => true };
      return given === token ? { mayIngest: (stream) => stream.startsWith('web.') } : null;
    };
    this.#shard = new Shard({ shard: 0, config, nowMs: this.nowMs, authorize });
  }

  give(input: Parameters<Shard['handle']>[0]): ShardEffect[] {
    return this.#shard.handle(input, this.nowMs);
  }

  open(): ShardEffect[] {
    return this.give({ type: 'open', connection: 1, kind: 'json' });
  }

  /** What it answers, as text or the reason for which it hung up. */
  say(message: unknown): unknown[] {
    return this.text(JSON.stringify(message));
  }

  text(text: string): unknown[] {
    return answers(this.give({ type: 'text', connection: 1, text }));
  }

  plans(epoch: number, streams: readonly string[]): unknown[] {
    return answers(this.give({ type: 'plans', epoch, plans: streams.map(planned) }));
  }

  report(): { readonly received: number; readonly evaluated: number; readonly counts: unknown } {
    for (const effect of this.#shard.flush()) {
      if (effect.type !== 'to-coordinator' || effect.message.type !== 'agent-report') continue;
      const [page] = effect.message.streams;
      if (page !== undefined) return page;
    }
    throw new Error('no report');
  }
}

function planned(stream: string): PlannedQuery {
  const plan = planOf({ aggregates: [aggregateSpec('count', null)], window: tumbling(1_000) });
  const sources = [{ pattern: stream, glob: false }];
  const rest = { home: null, share: null, closedThroughMs: 0 };
  return { pipeline: `of ${stream}`, plan: { ...plan, sources }, ...rest };
}

function answers(effects: readonly ShardEffect[]): unknown[] {
  return effects.flatMap((effect): unknown[] => {
    if (effect.type === 'send') return [JSON.parse(effect.text)];
    return effect.type === 'disconnect' ? [effect.reason] : [];
  });
}

describe('a JSON socket that watches', () => {
  test('hears at once and at each change which of its streams are read', () => {
    const bench = new Bench();
    bench.open();
    bench.plans(1, ['plays', 'other']);
    expect(bench.say({ watch: ['plays', 'errors', 'plays'] })).toEqual([{ active: ['plays'] }]);
    expect(bench.plans(2, ['plays'])).toEqual([]);
    expect(bench.plans(3, ['plays', 'errors'])).toEqual([{ active: ['plays', 'errors'] }]);
    expect(bench.plans(4, [])).toEqual([{ active: [] }]);
    expect(bench.say({ watch: ['errors'] })).toEqual([{ active: [] }]);
    expect(bench.plans(5, ['plays'])).toEqual([]);
  });

  test('makes its streams known before their first event', () => {
    const bench = new Bench();
    bench.open();
    bench.say({ watch: ['plays'] });
    expect(bench.report()).toMatchObject({ stream: 'plays', received: 0, counts: null });
  });

  test.each([
    ['no list', { watch: 'plays' }, /list of at most 3/],
    ['too many', { watch: ['a', 'b', 'c', 'd'] }, /list of at most 3/],
    ['no names', { watch: [5] }, /a stream name is/],
    ["the engine's own", { watch: ['squilla.alerts'] }, /the engine's own/],
  ])('refuses %s', (_what, message, reason) => {
    const bench = new Bench();
    bench.open();
    const [answer] = bench.say(message);
    expect(answer).toMatchObject({
      accepted: 0,
      errors: [{ message: expect.stringMatching(reason) }],
    });
  });

  test('learns nothing of streams that its token does not cover', () => {
    const bench = new Bench('secret');
    bench.open();
    bench.plans(1, ['web.errors', 'payments']);
    expect(bench.say({ token: 'secret' })).toEqual([]);
    const message = 'the token does not cover the stream payments';
    expect(bench.say({ watch: ['payments'] })).toMatchObject([{ errors: [{ message }] }]);
    expect(bench.say({ watch: ['web.errors'] })).toEqual([{ active: ['web.errors'] }]);
    expect(bench.plans(2, ['payments'])).toEqual([{ active: [] }]);
  });

  test('is sent away where it shows no token in time', () => {
    const bench = new Bench('secret');
    bench.open();
    bench.nowMs += 1_001;
    const reason = 'ENGINE_UNAUTHORIZED: no token within 1000 ms';
    expect(answers(bench.give({ type: 'tick' }))).toEqual([reason]);
    const open = new Bench();
    open.open();
    open.nowMs += 1_001;
    expect(answers(open.give({ type: 'tick' }))).toEqual([]);
  });
});

describe('events of a JSON socket', () => {
  test('what it says it lost stands in the books beside what it sent', () => {
    const bench = new Bench();
    bench.open();
    bench.say({ stream: 'plays', events: [{ a: 1 }, { a: 2 }], lost: 3 });
    bench.say({ stream: 'plays', events: [], lost: 4 });
    const counts = { offered: 9, sent: 2, dropped: { queue: 7 }, filtered: 0 };
    expect(bench.report()).toMatchObject({ received: 2, evaluated: 2, counts });
  });

  test('that are none stand in the books as well', () => {
    const bench = new Bench();
    bench.open();
    const [answer] = bench.say({ stream: 'plays', events: [{ a: 1 }, 5, 'x'] });
    expect(answer).toMatchObject({ accepted: 1, errors: [{ line: 2 }, { line: 3 }] });
    const books = { received: 3, evaluated: 1, dropped: { malformed: 2 } };
    expect(bench.report()).toMatchObject(books);
  });

  test('may have a time of their own, which the engine is told of', () => {
    const bench = new Bench();
    bench.open();
    const message = { stream: 'plays', events: [{ at: 5 }], time: 'at', slackMs: 200 };
    const effects = bench.give({ type: 'text', connection: 1, text: JSON.stringify(message) });
    const time = { kind: 'field', field: 'at', slackMs: 200 };
    expect(effects).toContainEqual({
      type: 'to-coordinator',
      message: { type: 'stream-time', stream: 'plays', time, isLearned: false },
    });
  });

  test.each([
    ['an empty time', { time: '' }, /`time`/],
    ['a time that is no text', { time: 5 }, /`time`/],
    ['a negative slack', { slackMs: -1 }, /`slackMs`/],
    ['an endless slack', { slackMs: 1e12 }, /`slackMs`/],
    ['half an event lost', { lost: 0.5 }, /`lost`/],
    ['fewer than none lost', { lost: -1 }, /`lost`/],
    ['more lost than can be summed', { lost: 1e300 }, /`lost`/],
  ])('are refused with %s', (_what, extras, reason) => {
    const bench = new Bench();
    bench.open();
    const [answer] = bench.say({ stream: 'plays', events: [{ a: 1 }], ...extras });
    expect(answer).toMatchObject({
      accepted: 0,
      errors: [{ message: expect.stringMatching(reason) }],
    });
  });

  test('whatever is sent is answered or ends the connection, and never throws', () => {
    const member = fc.constantFrom('token', 'watch', 'stream', 'events', 'time', 'slackMs', 'lost');
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('plays', 'web.x', ['plays'], [{ a: 1 }]),
    );
    const message = fc
      .dictionary(fc.oneof(member, fc.string()), value)
      .map((m) => JSON.stringify(m));
    fc.assert(
      fc.property(fc.oneof(message, fc.string()), fc.boolean(), (text, asksToken) => {
        const bench = new Bench(asksToken ? 'secret' : null);
        bench.open();
        // A good token is not answered.
        const isWelcome = !asksToken && showsToken(text);
        expect(bench.text(text)).toHaveLength(isWelcome ? 0 : 1);
      }),
      lawParameters(),
    );
  });
});

function showsToken(text: string): boolean {
  try {
    const { token } = Object(JSON.parse(text)) as { token?: unknown };
    return typeof token === 'string';
  } catch {
    return false;
  }
}

describe('a JSON socket that sends more than one may', () => {
  const budget = { jsonEventsPerSecondMax: 5, jsonBytesPerSecondMax: 2_000 };
  const narrow = { ...CONFIG, ...budget };
  const fault = 'LIMIT_RATE: more than 5 events or 2000 bytes in a second';
  const four = [{}, {}, {}, {}];

  test('has the rest left out, is told, and may go on in the next second', () => {
    const bench = new Bench(null, narrow);
    bench.open();
    expect(bench.say({ stream: 'plays', events: four })).toEqual([{ accepted: 4, errors: [] }]);
    const late = { accepted: 1, errors: [{ line: 2, message: fault }] };
    expect(bench.say({ stream: 'plays', events: four })).toEqual([late]);
    const none = { accepted: 0, errors: [{ line: 1, message: fault }] };
    expect(bench.say({ stream: 'plays', events: [{}] })).toEqual([none]);
    expect(bench.say({ watch: ['plays'] })).toEqual([none]);
    expect(bench.report()).toMatchObject({
      ...{ received: 9, evaluated: 5, dropped: { rate_limit: 4 } },
    });
    bench.nowMs += 1_000;
    expect(bench.say({ stream: 'plays', events: four })).toEqual([{ accepted: 4, errors: [] }]);
  });

  test('cannot pass by messages without events', () => {
    const bench = new Bench(null, narrow);
    bench.open();
    for (let i = 0; i < 5; i++) bench.say({ stream: 'plays', events: [] });
    expect(bench.say({ watch: ['plays'] })).toMatchObject([{ errors: [{ message: fault }] }]);
  });

  test('in bytes goes, if it sends twice as many, and all is in the books', () => {
    const bench = new Bench(null, narrow);
    bench.open();
    const large = { stream: 'plays', events: [{ text: 'x'.repeat(2_100) }] };
    expect(bench.say(large)).toMatchObject([{ accepted: 1 }]);
    expect(bench.say(large)).toMatchObject([{ accepted: 0, errors: [{ message: fault }] }]);
    expect(bench.say(large)).toMatchObject([{ accepted: 0 }, fault]);
    expect(bench.report()).toMatchObject({ received: 3, dropped: { rate_limit: 2 } });
  });

  test('takes nothing from another socket', () => {
    const bench = new Bench(null, narrow);
    bench.open();
    bench.say({ stream: 'plays', events: [...four, ...four] });
    bench.give({ type: 'open', connection: 2, kind: 'json' });
    const text = JSON.stringify({ stream: 'plays', events: four });
    const effects = bench.give({ type: 'text', connection: 2, text });
    expect(answers(effects)).toEqual([{ accepted: 4, errors: [] }]);
  });
});
