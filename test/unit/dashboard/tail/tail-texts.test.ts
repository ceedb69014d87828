/** The texts of a tail: its two queries, narrowing, its address, and the size of its sample. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TAIL_EVENTS_PER_SECOND } from '../../../../dashboard/limits.ts';
import { EventLog } from '../../../../dashboard/tail/event-log.ts';
import { toneOf } from '../../../../dashboard/tail/event-tone.ts';
import { nextStep, stepFor } from '../../../../dashboard/tail/sample-step.ts';
import { tailAddressFrom, tailHash } from '../../../../dashboard/tail/tail-address.ts';
import {
  countQuery,
  eventsQuery,
  filterStart,
  narrowedFilter,
} from '../../../../dashboard/tail/tail-queries.ts';
import { parse } from '../../../../grammar/parse.ts';
import { hasErrors } from '../../../../grammar/diagnostic.ts';

describe('queries', () => {
  test.each([
    ['plays', '', 1],
    ['plays', "region = 'eu-west' or latency > 800", 12],
    ['odd `name`', 'status >= 500 -- the bad ones', 250],
  ])('of %s where %s are of the language', (stream, filter, oneIn) => {
    const question = { stream, filter };
    for (const text of [countQuery(question), eventsQuery(question, oneIn)]) {
      expect(hasErrors(parse(text).diagnostics)).toBe(false);
    }
    if (filter !== '') {
      const start = filterStart(question);
      expect(eventsQuery(question, oneIn).slice(start, start + filter.length)).toBe(filter);
    }
  });

  test('one in N is asked for exactly, and everything without a sample', () => {
    expect(eventsQuery({ stream: 'plays', filter: '' }, 12)).toBe(
      'select event_time(), * from plays sample {"strategy": "RANDOM", "threshold": 1, "factor": 12}',
    );
    expect(eventsQuery({ stream: 'plays', filter: '' }, 1)).not.toContain('sample');
  });

  test.each([
    ['', { field: 'region', value: 'eu-west', has: true }, "region = 'eu-west'"],
    [
      'latency > 800',
      { field: 'region', value: "o'hare", has: false },
      "latency > 800 and region != 'o''hare'",
    ],
    [
      'a = 1 or b = 2',
      { field: 'uhd', value: false, has: true },
      '(a = 1 or b = 2\n) and uhd = false',
    ],
    ['status = 500', { field: 'status', value: 500, has: true }, 'status = 500'],
    ['', { field: 'x-y', value: null, has: true }, '`x-y` is null'],
    ['', { field: 'tags', value: ['a'], has: true }, null],
  ])('%s narrowed by %o', (filter, test, expected) => {
    const narrowed = narrowedFilter(filter, test);
    expect(narrowed).toBe(expected);
    if (narrowed === null) return;
    expect(hasErrors(parse(countQuery({ stream: 's', filter: narrowed })).diagnostics)).toBe(false);
  });
});

describe('the sample', () => {
  test('brings no more than the bound, and is never coarser than twice what is needed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (rate) => {
        const step = stepFor(rate);
        expect(Number.isInteger(step)).toBe(true);
        expect(rate / step).toBeLessThanOrEqual(TAIL_EVENTS_PER_SECOND);
        if (step > 1) expect(rate / step).toBeGreaterThan(TAIL_EVENTS_PER_SECOND / 2.1);
      }),
    );
  });

  test('a rate that wavers does not change it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0.85, max: 1.2, noNaN: true }),
        (rate, factor) => {
          const step = stepFor(rate);
          expect(nextStep(step, rate * factor)).toBe(step);
        },
      ),
    );
  });

  test('a surge makes it coarser at once, a calm finer', () => {
    expect(nextStep(1, 4_210)).toBe(20);
    expect(nextStep(20, 100)).toBe(1);
  });
});

describe('the log', () => {
  test('keeps the newest, newest first, with numbers that have no holes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 12 }), (count, size) => {
        const log = new EventLog(size);
        for (let i = 0; i < count; i++) log.add({ timeMs: i, event: { i }, oneIn: 1 });
        const numbers = log.snapshot().map(({ number }) => number);
        const kept = Math.min(count, size);
        expect(numbers).toEqual(Array.from({ length: kept }, (_, i) => count - 1 - i));
        expect(log.snapshot().every(({ event, number }) => event['i'] === number)).toBe(true);
        expect([log.count, log.length, log.at(kept), log.at(-1)]).toEqual([
          count,
          kept,
          undefined,
          undefined,
        ]);
      }),
    );
  });
});

test('the address says the same as the tail', () => {
  const address = { stream: 'a b&c', filter: "x = '#' and y > 1", columns: ['x', 'a,b', '<img>'] };
  const hash = tailHash(address);
  expect(tailAddressFrom(new URLSearchParams(hash.split('?')[1]))).toEqual(address);
  expect(tailAddressFrom(new URLSearchParams('where=x'))).toBeNull();
});

test.each([
  [{ level: 'ERROR' }, 'bad'],
  [{ level: 40 }, 'warn'],
  [{ severity: 'warning' }, 'warn'],
  [{ status: 503 }, 'bad'],
  [{ status_code: '404' }, 'warn'],
  [{ status: 'ok', level: 'info' }, 'calm'],
])('%o is %s', (event, tone) => {
  expect(toneOf(event)).toBe(tone);
});
