/**
 * Streams of awkward events from a seed: mixed types under one name, nulls and missing keys, nested
 * objects and lists, dotted keys beside paths, characters above U+FFFF, integers at the edge of
 * doubles. Numbers are dyadic, so that sums are the same in any order.
 */
import { createRng } from '../../src/core/rng.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { OTHER, STREAM, TIME_FIELD } from './socketless-agent.ts';
import type { DealtEvent } from './live-path.ts';

export const STREAM_START_MS = 1_700_000_000_000;
export const SENDERS = 5;

type Make = (rng: Rng) => Value;

const TEXTS = ['', 'a', 'b', 'ab', 'Ab', '12', '-1', 'é', '😀', '\uffff', 'a\nb', 'a%b', 'x/y?z#w'];
const SMALL = [0, 1, 1, 2, 3, 5, -1, -4, 10];
const FRACTIONS = [0.25, 0.5, -1.75, 2, 4.125, 100, 1e6];
const BIG = [2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1_700_000_000_123, 4_294_967_296, 7];

function pick<T>(values: readonly T[]): (rng: Rng) => T {
  return (rng) => values[rng.int(values.length)]!;
}

const mixed: Make = (rng) =>
  pick<Value>([1, 2.5, '1', 'a', true, false, null, [1, 'a'], { v: 1 }, 0, '', [], {}])(rng);

/** How each field is made and how often it is there. */
const FIELDS: Readonly<Record<string, readonly [share: number, make: Make]>> = {
  n: [0.9, pick(SMALL)],
  x: [0.8, pick(FRACTIONS)],
  big: [0.7, pick(BIG)],
  s: [0.9, pick(TEXTS)],
  u: [0.5, (rng) => `${pick(TEXTS)(rng)}${pick(TEXTS)(rng)}`],
  b: [0.8, (rng) => rng.int(2) === 1],
  m: [0.9, mixed],
  g: [0.9, pick<Value>([1, 'a', 'b', '1', true, null, 2])],
  o: [0.8, (rng) => pick<Value>([{ p: rng.int(4), q: { r: 'deep' } }, { 'q.r': 2 }, 7, {}])(rng)],
  'o.p': [0.1, pick<Value>([9, null])],
  l: [0.8, listOfObjects],
  tags: [0.7, (rng) => Array.from({ length: rng.int(4) }, () => pick(TEXTS)(rng))],
};

function listOfObjects(rng: Rng): Value {
  if (rng.int(8) === 0) return mixed(rng);
  return Array.from({ length: rng.int(4) }, () =>
    rng.int(6) === 0 ? mixed(rng) : { v: rng.int(4), w: pick<Value>(['a', 'b', null, 2])(rng) },
  );
}

export function randomEvent(rng: Rng): Record<string, Value> {
  const event: Record<string, Value> = {};
  for (const [name, [share, make]] of Object.entries(FIELDS)) {
    if (rng.next() < share) event[name] = make(rng);
    else if (rng.int(3) === 0) event[name] = null;
  }
  return event;
}

/** `size` events within `spanMs`; a longer stream of the same seed starts with the shorter one. */
export function randomStream(seed: number, size: number, spanMs: number): readonly DealtEvent[] {
  const rng = createRng(seed);
  // Few different times make ties, which the order of agents and sequences must break.
  const stepMs = pick([1, 50, 500])(rng);
  return Array.from({ length: size }, () => {
    const timeMs = STREAM_START_MS + Math.floor(rng.int(spanMs) / stepMs) * stepMs;
    const event: Event = { ...randomEvent(rng), [TIME_FIELD]: timeMs };
    return { event, timeMs, stream: STREAM, sender: rng.int(SENDERS) };
  });
}

/**
 * The events dealt to two streams, each at a time of its own: nothing says which of two events of
 * two streams comes first.
 */
export function twoStreams(events: readonly DealtEvent[], seed: number): readonly DealtEvent[] {
  const rng = createRng(seed);
  const taken = new Set<number>();
  return events.map((one) => {
    let { timeMs } = one;
    while (taken.has(timeMs)) timeMs++;
    taken.add(timeMs);
    const stream = rng.int(2) === 0 ? STREAM : OTHER;
    return { ...one, event: { ...one.event, [TIME_FIELD]: timeMs }, timeMs, stream };
  });
}
