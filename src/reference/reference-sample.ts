/**
 * Samples from their definition in docs/language.md: hashes over bytes and big integers. Shares no
 * code with `edge/sampler.ts`, which is tested against it.
 */
import type { SampleSpec } from '../ir/plan.ts';
import type { ReferenceEvent } from './reference-event.ts';
import { walkPath } from './reference-path.ts';
import { text as textOf } from './reference-values.ts';

const WORD = 1n << 32n;
const SEPARATOR = '\u001f';

/** Those of the events that the sample takes, in their order. */
export function sampled(
  sample: SampleSpec | null,
  events: readonly ReferenceEvent[],
): readonly ReferenceEvent[] {
  if (sample === null) return events;
  if (sample.kind === 'sticky') return events.filter((one) => isStuck(sample, one));
  if (sample.kind === 'rps') {
    return sample.extrapolate
      ? weighedOfSeconds(sample.perSecond, events)
      : firstOfSeconds(sample.perSecond, events);
  }
  const { threshold, factor, salt } = sample;
  return numbered(events).filter(({ agentId = '', offered = 0 }) => {
    const seed = BigInt.asUintN(32, stringHash(`${salt}${SEPARATOR}${agentId}`));
    return (
      Number(murmur3(littleEndian(BigInt(offered), 8), seed)) / Number(WORD) < threshold / factor
    );
  });
}

/** What an extrapolating sample multiplies COUNT, SUM and RATE by. */
export function extrapolation(sample: SampleSpec | null): number {
  if (sample === null || sample.kind === 'rps') return 1;
  if (!sample.extrapolate || sample.threshold === 0) return 1;
  return sample.factor / sample.threshold;
}

/** One sender has it all: the first so many of each second, in order of arrival. */
function firstOfSeconds(
  perSecond: number,
  events: readonly ReferenceEvent[],
): readonly ReferenceEvent[] {
  const taken = new Map<number, number>();
  return events.filter(({ timeMs }) => {
    const second = Math.floor(timeMs / 1_000);
    const before = taken.get(second) ?? 0;
    taken.set(second, before + 1);
    return before < perSecond;
  });
}

/**
 * One sender has it all. Event i of a second is due with chance c(i) − c(i − 1), and weighs one
 * over that for each drawn point in its part of c; there is one in every whole step of c.
 */
function weighedOfSeconds(
  perSecond: number,
  events: readonly ReferenceEvent[],
): readonly ReferenceEvent[] {
  const agentId = events[0]?.agentId ?? '';
  const weights = drawn(perSecond, BigInt.asUintN(32, stringHash(agentId)), events);
  return events.flatMap((one, at) => {
    const weight = weights[at] ?? 0;
    return weight === 0 ? [] : [{ ...one, weight }];
  });
}

function drawn(perSecond: number, seed: bigint, events: readonly ReferenceEvent[]): number[] {
  const offered = new Map<number, number>();
  const expected = new Map<number, number>();
  return events.map(({ timeMs }) => {
    const second = Math.floor(timeMs / 1_000);
    const i = (offered.get(second) ?? 0) + 1;
    offered.set(second, i);
    const before = [1, 2, 3, 4].map((back) => offered.get(second - back) ?? 0);
    const last = before.find((count) => count > 0) ?? 0;
    const most = expected.get(second) ?? Math.max(perSecond / 2, last);
    expected.set(second, most);
    const c = (n: number): number =>
      n <= most ? (perSecond * n) / (2 * most) : perSecond * (1 - most / (2 * n));
    const points = [Math.floor(c(i - 1)), Math.floor(c(i)), Math.floor(c(i)) - 1]
      .filter((step, at, all) => step >= 0 && all.indexOf(step) === at)
      .map((step) => step + pointOf(second, step, seed))
      .filter((point) => point > c(i - 1) && point <= c(i));
    return points.length / (c(i) - c(i - 1));
  });
}

/** In (0, 1]. */
function pointOf(second: number, step: number, seed: bigint): number {
  const place = BigInt.asUintN(31, BigInt(second)) * 2n ** 20n + BigInt.asUintN(20, BigInt(step));
  return (Number(murmur3(littleEndian(place, 8), seed)) + 1) / Number(WORD);
}

function isStuck(
  sample: Extract<SampleSpec, { kind: 'sticky' }>,
  { event }: ReferenceEvent,
): boolean {
  const values = sample.keys.map((name) => walkPath(event, [{ by: 'name', name }]));
  const texts = values.flatMap((value) => (value === null ? [] : [String(textOf(value))]));
  if (texts.length === 0) return false;
  const text = texts.join(sample.separator ? SEPARATOR : '') + sample.salt;
  const unsigned = murmur3(littleEndian(stringHash(text), 4), 0n);
  const hash = Number(BigInt.asIntN(32, unsigned));
  return Math.abs(hash) % sample.factor < sample.threshold;
}

/** Each with its number among the events of its agent and stream, from 1. */
function numbered(events: readonly ReferenceEvent[]): readonly ReferenceEvent[] {
  const counts = new Map<string, number>();
  return events.map((one) => {
    const name = `${one.agentId ?? ''}\n${one.stream ?? ''}`;
    const offered = (counts.get(name) ?? 0) + 1;
    counts.set(name, offered);
    return { ...one, offered: one.offered ?? offered };
  });
}

/** `java.lang.String.hashCode`. */
function stringHash(text: string): bigint {
  let hash = 0n;
  for (let i = 0; i < text.length; i += 1) {
    hash = (hash * 31n + BigInt(text.charCodeAt(i))) % WORD;
  }
  return hash;
}

function littleEndian(value: bigint, bytes: number): readonly bigint[] {
  return Array.from({ length: bytes }, (_, i) => (value >> BigInt(8 * i)) % 256n);
}

/** MurmurHash3_x86_32 of whole words. */
function murmur3(bytes: readonly bigint[], seed: bigint): bigint {
  let hash = seed;
  for (let i = 0; i < bytes.length; i += 4) {
    const [a = 0n, b = 0n, c = 0n, d = 0n] = bytes.slice(i, i + 4);
    const word = a + b * 0x100n + c * 0x1_0000n + d * 0x100_0000n;
    const spread = rotated((word * 0xcc9e2d51n) % WORD, 15n);
    hash = rotated(hash ^ ((spread * 0x1b873593n) % WORD), 13n);
    hash = (hash * 5n + 0xe6546b64n) % WORD;
  }
  hash ^= BigInt(bytes.length);
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) % WORD;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) % WORD;
  return hash ^ (hash >> 16n);
}

function rotated(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (32n - bits))) % WORD;
}
