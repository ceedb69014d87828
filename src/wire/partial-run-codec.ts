/**
 * Partials whose groups hold runs of numbers: the values or buckets of a quantile, the buckets of a
 * histogram. A run travels behind its length.
 */
import { BUCKET_KEYS, EXACT_VALUES_MAX } from '../sketch/quantile.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readRun, writeRun } from './number-codec.ts';
import type { GroupRange } from './partial-reading.ts';

interface Quantiles {
  readonly counts: Float64Array;
  readonly minima: Float64Array;
  readonly maxima: Float64Array;
  readonly exactEnds: Uint32Array;
  readonly exactValues: Float64Array;
  readonly bucketEnds: Uint32Array;
  readonly bucketKeys: Uint32Array;
  readonly bucketCounts: Float64Array;
}

interface Histograms {
  readonly levels: Uint16Array;
  readonly ends: Uint32Array;
  readonly indexes: Float64Array;
  readonly counts: Float64Array;
}

/** Buckets joined so often hold every double. */
const LEVEL_MAX = 1_100;

const NONE = 0;
const EXACT = 1;
const BUCKETS = 2;

export function writeQuantiles(writer: ByteWriter, of: Quantiles, { from, to }: GroupRange): void {
  for (let g = from; g < to; g++) {
    const exact = runOf(of.exactEnds, g);
    const buckets = runOf(of.bucketEnds, g);
    if (buckets.from < buckets.to) {
      writer.byte(BUCKETS);
      writer.float(of.minima[g]!);
      writer.float(of.maxima[g]!);
      writer.whole(buckets.to - buckets.from);
      writeRun(writer, of.bucketKeys, buckets);
      writeRun(writer, of.bucketCounts, buckets);
    } else if (exact.from < exact.to) {
      writer.byte(EXACT);
      writer.whole(exact.to - exact.from);
      writeRun(writer, of.exactValues, exact);
    } else writer.byte(NONE);
  }
}

export function readQuantiles(reader: ByteReader, groups: number): Quantiles {
  const exact = new Runs(groups);
  const keys = new Runs(groups);
  const bucketCounts = new Runs(groups);
  const counts = new Float64Array(groups);
  const minima = new Float64Array(groups);
  const maxima = new Float64Array(groups);
  for (let g = 0; g < groups && reader.fault === null; g++) {
    const kind = reader.byte();
    if (kind === EXACT) {
      counts[g] = exact.read(g, readFinite(reader));
      if (counts[g]! > EXACT_VALUES_MAX) reader.fail('more exact values than there may be');
    } else if (kind === BUCKETS) {
      minima[g] = reader.float();
      maxima[g] = reader.float();
      const length = reader.count();
      keys.read(g, readRun(reader, length, 'count'));
      const counted = readRun(reader, length, 'count');
      bucketCounts.read(g, counted);
      counts[g] = counted.reduce((sum, count) => sum + count, 0);
      if (!(Number.isFinite(minima[g]!) && Number.isFinite(maxima[g]!))) reader.fail('no extremes');
    } else if (kind !== NONE) reader.fail('an unknown kind of quantile');
  }
  const bucketKeys = keys.values();
  if (bucketKeys.some((key) => key >= BUCKET_KEYS || !Number.isInteger(key))) {
    reader.fail('a bucket beyond the doubles');
  }
  return {
    ...{ counts, minima, maxima },
    exactEnds: exact.ends(),
    exactValues: exact.values(),
    bucketEnds: keys.ends(),
    bucketKeys: Uint32Array.from(bucketKeys),
    bucketCounts: bucketCounts.values(),
  };
}

export function writeHistograms(
  writer: ByteWriter,
  of: Histograms,
  { from, to }: GroupRange,
): void {
  for (let g = from; g < to; g++) {
    const run = runOf(of.ends, g);
    writer.whole(of.levels[g]!);
    writer.whole(run.to - run.from);
    writeRun(writer, of.indexes, run);
    writeRun(writer, of.counts, run);
  }
}

export function readHistograms(reader: ByteReader, groups: number): Histograms {
  const levels = new Uint16Array(groups);
  const indexes = new Runs(groups);
  const counts = new Runs(groups);
  for (let g = 0; g < groups && reader.fault === null; g++) {
    const level = reader.whole();
    if (level > LEVEL_MAX) reader.fail('buckets joined too often');
    levels[g] = level;
    const length = reader.count();
    indexes.read(g, readRun(reader, length, 'any'));
    counts.read(g, readRun(reader, length, 'count'));
  }
  const places = indexes.values();
  if (places.some((place) => !Number.isInteger(place))) reader.fail('a bucket without a place');
  return { levels, ends: indexes.ends(), indexes: places, counts: counts.values() };
}

/** Runs of numbers, one a group, one after the other. */
class Runs {
  readonly #lengths: Uint32Array;
  readonly #runs: Float64Array[] = [];

  constructor(groups: number) {
    this.#lengths = new Uint32Array(groups);
  }

  read(group: number, run: Float64Array): number {
    this.#lengths[group] = run.length;
    this.#runs.push(run);
    return run.length;
  }

  /** Where each group's run ends. */
  ends(): Uint32Array {
    let end = 0;
    return this.#lengths.map((length) => (end += length));
  }

  values(): Float64Array {
    const values = new Float64Array(this.#runs.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const run of this.#runs) {
      values.set(run, at);
      at += run.length;
    }
    return values;
  }
}

function readFinite(reader: ByteReader): Float64Array {
  const values = readRun(reader, reader.count(), 'any');
  if (values.some((value) => !Number.isFinite(value))) reader.fail('a value that is not finite');
  return values;
}

function runOf(ends: Uint32Array, group: number): GroupRange {
  return { from: group === 0 ? 0 : ends[group - 1]!, to: ends[group]! };
}
