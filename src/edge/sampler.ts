/**
 * Whether a sample takes an event. Decisions of a share depend on the event, its number in its
 * stream and who sends it only, never on a clock or on what was taken before, so they can be made
 * again. Of so many events a second the first ones are taken.
 *
 * STICKY: abs(murmur3(javaStringHash(texts of the present keys, then the salt))) mod factor is
 * below the threshold; these are the very keys that Mantis takes. RANDOM: murmur3 of the event's
 * number, seeded with the hash of salt and sender, lies in the lower share of its range.
 *
 * So many events a second that are extrapolated are drawn, and say what they stand for.
 */
import { compilePath } from '../ir/path.ts';
import type { RandomSample, RateSample, SampleSpec, StickySample } from '../ir/plan.ts';
import { numberText } from '../model/value-text.ts';
import type { Event } from '../model/value.ts';
import { RateQuota } from './rate-quota.ts';
import { RateWeights } from './rate-weights.ts';
import { javaStringHash, murmurOfWhole, murmurOfWord, WORD } from './sample-hash.ts';

/**
 * How many events the one stands for; 0: it is left out. 1 for whatever a sample takes that does
 * not weigh. `sequence`: number of the event among those offered of its stream, from 1. `timeMs`:
 * event time; only samples of so many a second ask for it.
 */
export type Sampler = (event: Event, sequence: number, timeMs: number) => number;

/** Stands between texts that must not run into each other. */
const SEPARATOR = '\u001f';

export function compileSampler(sample: SampleSpec, agentId: string): Sampler {
  switch (sample.kind) {
    case 'sticky':
      return stickySampler(sample);
    case 'random':
      return randomSampler(sample, agentId);
    case 'rps':
      return rateSampler(sample, agentId);
  }
}

function rateSampler({ share, extrapolate }: RateSample, agentId: string): Sampler {
  if (extrapolate) {
    const weights = new RateWeights(share, javaStringHash(agentId));
    return (_event, _sequence, timeMs) => weights.weigh(timeMs);
  }
  const quota = new RateQuota(share);
  return (_event, _sequence, timeMs) => (quota.take(timeMs) ? 1 : 0);
}

function randomSampler({ threshold, factor, salt }: RandomSample, agentId: string): Sampler {
  const seed = javaStringHash(`${salt}${SEPARATOR}${agentId}`);
  const bound = (threshold / factor) * WORD;
  return (_event, sequence) => (murmurOfWhole(sequence, seed) < bound ? 1 : 0);
}

function stickySampler(sample: StickySample): Sampler {
  const { threshold, factor, salt } = sample;
  const readers = sample.keys.map((name) => compilePath([{ by: 'name', name }]));
  const between = sample.separator ? SEPARATOR : '';
  return (event) => {
    let texts = '';
    let present = 0;
    for (const read of readers) {
      const text = keyText(read(event));
      if (text === null) continue;
      texts += present++ === 0 ? text : between + text;
    }
    if (present === 0) return 0;
    return Math.abs(murmurOfWord(javaStringHash(texts + salt))) % factor < threshold ? 1 : 0;
  };
}

/**
 * The text of a key's value, as if it had travelled as JSON: a publisher's event may hold dates,
 * big integers and functions. Null: not there.
 */
function keyText(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) ? numberText(value) : null;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return jsonTextOf(value);
    default:
      return null;
  }
}

function jsonTextOf(value: object | null): string | null {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || text === 'null') return null;
  // A date is a string once it travels.
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}
