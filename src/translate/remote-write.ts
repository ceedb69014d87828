/**
 * Prometheus' remote write, version 1 and 2, as events: one a sample, and one a native histogram.
 *
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec/
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { Event, Value } from '../model/value.ts';
import { decodeMessage, many, one, shape } from './protobuf-message.ts';
import type { MessageShape } from './protobuf-message.ts';
import { labelledEvent, SERIES_TYPES } from './labelled-sample.ts';
import { listOf, numberOf, objectOf, textOf } from './otlp-values.ts';
import { setOwn } from './own-property.ts';
import { Translation } from './translated.ts';
import type { BodyBounds, Translated } from './translated.ts';

type Json = Readonly<Record<string, unknown>>;

const SAMPLE = shape({
  1: one('value', 'double'),
  2: one('timestamp', 'int64'),
  3: one('start', 'int64'),
});
const SPAN = shape({ 1: one('offset', 'zigzag'), 2: one('length', 'unsigned') });
const HISTOGRAM = shape({
  1: one('countInt', 'unsigned'),
  2: one('countFloat', 'double'),
  3: one('sum', 'double'),
  4: one('schema', 'zigzag'),
  5: one('zeroThreshold', 'double'),
  6: one('zeroCountInt', 'unsigned'),
  7: one('zeroCountFloat', 'double'),
  8: many('negativeSpans', () => SPAN),
  9: many('negativeDeltas', 'zigzag'),
  10: many('negativeCounts', 'double'),
  11: many('positiveSpans', () => SPAN),
  12: many('positiveDeltas', 'zigzag'),
  13: many('positiveCounts', 'double'),
  14: one('resetHint', 'unsigned'),
  15: one('timestamp', 'int64'),
  16: many('customValues', 'double'),
  17: one('start', 'int64'),
});
const LABEL = shape({ 1: one('name', 'text'), 2: one('value', 'text') });
const EXEMPLAR_1 = shape({
  1: many('labels', () => LABEL),
  2: one('value', 'double'),
  3: one('timestamp', 'int64'),
});
const REQUEST_1: MessageShape = shape({
  1: many('timeseries', () => SERIES_1),
  3: many('metadata', () => METADATA_1),
});
const SERIES_1 = shape({
  1: many('labels', () => LABEL),
  2: many('samples', () => SAMPLE),
  3: many('exemplars', () => EXEMPLAR_1),
  4: many('histograms', () => HISTOGRAM),
});
const METADATA_1 = shape({
  1: one('type', 'unsigned'),
  2: one('family', 'text'),
  5: one('unit', 'text'),
});

const EXEMPLAR_2 = shape({
  1: many('labelsRefs', 'unsigned'),
  2: one('value', 'double'),
  3: one('timestamp', 'int64'),
});
const METADATA_2 = shape({ 1: one('type', 'unsigned'), 4: one('unitRef', 'unsigned') });
const REQUEST_2: MessageShape = shape({
  4: many('symbols', 'text'),
  5: many('timeseries', () => SERIES_2),
});
const SERIES_2 = shape({
  1: many('labelsRefs', 'unsigned'),
  2: many('samples', () => SAMPLE),
  3: many('histograms', () => HISTOGRAM),
  4: many('exemplars', () => EXEMPLAR_2),
  5: one('metadata', () => METADATA_2),
  // Of the first drafts, where a start was that of a series.
  6: one('start', 'int64'),
});

/** Request, series, sample, span. */
const DEPTH_MAX = 6;
/**
 * Characters of the labels of all series and exemplars of a request. Those of version 2 refer to
 * symbols, so a few bytes can name a text as long as the body, any number of times.
 */
const LABELS_LENGTH_MAX = 64 * 1_024 * 1_024;

export function readRemoteWrite(
  body: Uint8Array,
  version: 1 | 2,
  { recordsMax, partsMax }: BodyBounds,
): Result<Translated, string> {
  const root = version === 1 ? REQUEST_1 : REQUEST_2;
  const decoded = decodeMessage(body, root, { depthMax: DEPTH_MAX, partsMax });
  if (!decoded.ok) return err(decoded.error);
  const into = new Translation(recordsMax);
  const request = decoded.value;
  const metadata = version === 1 ? familiesOf(request) : NO_FAMILIES;
  const symbols = listOf(request['symbols']) as readonly string[];
  let left = LABELS_LENGTH_MAX;
  for (const item of listOf(request['timeseries'])) {
    const series = objectOf(item);
    if (into.room <= 0) {
      into.leave(pointsOf(series));
      continue;
    }
    const labels =
      version === 1 ? labelsOf(series['labels']) : labelsBy(series['labelsRefs'], symbols);
    if (labels === null) {
      into.refuse('a series refers to symbols that are not there', pointsOf(series));
      continue;
    }
    const exemplars = exemplarsOf(series, version, symbols);
    left -= lengthOf(labels);
    for (const exemplar of exemplars ?? []) left -= lengthOf(exemplar.labels ?? {});
    if (left < 0) {
      into.refuse(`labels of more than ${LABELS_LENGTH_MAX} characters`, pointsOf(series));
      continue;
    }
    const { type, unit } =
      version === 1
        ? familyOf(labels['__name__'], metadata)
        : metadataOf(objectOf(series['metadata']), symbols);
    addSeries({ series, labels, type, unit, exemplars }, into);
  }
  return ok({ ...into.taken, hasKinds: true });
}

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly type: string | null;
  readonly unit: string | null;
}

const NO_FAMILIES: ReadonlyMap<string, Family> = new Map();
const UNKNOWN: Family = { type: null, unit: null };

interface SeriesParts extends Family {
  readonly series: Json;
  readonly labels: Labels;
  readonly exemplars: Value;
}

function addSeries(
  { series, labels, type, unit, exemplars }: SeriesParts,
  into: Translation,
): void {
  let left = exemplars;
  const shared = labelledEvent(labels, { type, unit });
  const add = ({ start, timestamp }: Json, own: Record<string, Value>): void => {
    // The exemplars of a series are told once, with the first of its samples.
    const event: Event = {
      time: numberOf(timestamp),
      start: startOf(start) ?? startOf(series['start']),
      ...shared,
      ...own,
      exemplars: left,
    };
    left = null;
    into.add(event);
  };
  for (const item of listOf(series['samples'])) {
    const sample = objectOf(item);
    const { value } = sample;
    // Zero is the value that protobuf leaves out.
    add(sample, { value: value === undefined ? 0 : numberOf(value) });
  }
  for (const item of listOf(series['histograms'])) {
    const histogram = objectOf(item);
    add(histogram, histogramFields(histogram));
  }
}

/** Since when a counter or histogram has counted, ms UTC; zero is protobuf's way to say nothing. */
function startOf(ms: unknown): number | null {
  return numberOf(ms) || null;
}

/** Whether the first after a reset; `gauge`: one that goes up and down. */
const RESET_HINTS: readonly (string | null)[] = [null, 'yes', 'no', 'gauge'];

/** Of an event that was made here, for senders who want to know. */
export function kindOf(event: Event): 'samples' | 'histograms' {
  return event['schema'] === undefined ? 'samples' : 'histograms';
}

function histogramFields(histogram: Json): Record<string, Value> {
  const count = numberOf(histogram['countInt']) ?? numberOf(histogram['countFloat']) ?? 0;
  const zero = numberOf(histogram['zeroCountInt']) ?? numberOf(histogram['zeroCountFloat']) ?? 0;
  return {
    value: null,
    count,
    sum: numberOf(histogram['sum']) ?? 0,
    schema: numberOf(histogram['schema']) ?? 0,
    zero_count: zero,
    zero_threshold: numberOf(histogram['zeroThreshold']) ?? 0,
    reset_hint: RESET_HINTS[numberOf(histogram['resetHint']) ?? 0] ?? null,
    bounds: numbersOrNull(histogram['customValues']),
    positive: bucketsOf(histogram, 'positive'),
    negative: bucketsOf(histogram, 'negative'),
  };
}

/** Spans of buckets with their counts, which whole-number histograms tell as differences. */
function bucketsOf(histogram: Json, side: 'positive' | 'negative'): Value {
  const spans = listOf(histogram[`${side}Spans`]).map((item) => {
    const { offset, length } = objectOf(item);
    return { offset: numberOf(offset) ?? 0, length: numberOf(length) ?? 0 };
  });
  if (spans.length === 0) return null;
  const floats = numbersOrNull(histogram[`${side}Counts`]);
  let count = 0;
  const counts =
    floats ?? listOf(histogram[`${side}Deltas`]).map((delta) => (count += numberOf(delta) ?? 0));
  return { spans, counts };
}

function numbersOrNull(list: unknown): readonly (number | null)[] | null {
  const numbers = listOf(list);
  return numbers.length === 0 ? null : numbers.map(numberOf);
}

type Exemplar = {
  readonly time: number | null;
  readonly value: number;
  readonly labels: Labels | null;
};

function exemplarsOf(
  series: Json,
  version: 1 | 2,
  symbols: readonly string[],
): readonly Exemplar[] | null {
  const exemplars = listOf(series['exemplars']);
  if (exemplars.length === 0) return null;
  return exemplars.map((item) => {
    const { labels, labelsRefs, value, timestamp } = objectOf(item);
    return {
      time: numberOf(timestamp),
      value: numberOf(value) ?? 0,
      labels: version === 1 ? labelsOf(labels) : labelsBy(labelsRefs, symbols),
    };
  });
}

function lengthOf(labels: Labels): number {
  let length = 0;
  for (const [name, value] of Object.entries(labels)) length += name.length + value.length;
  return length;
}

function labelsOf(list: unknown): Labels {
  const labels: Record<string, string> = {};
  for (const item of listOf(list)) {
    const { name, value } = objectOf(item);
    if (typeof name === 'string') setOwn(labels, name, textOf(value) ?? '');
  }
  return labels;
}

/** Pairs of places in the table of symbols; null: there is no such place. */
function labelsBy(refs: unknown, symbols: readonly string[]): Labels | null {
  const places = listOf(refs) as readonly number[];
  const labels: Record<string, string> = {};
  for (let i = 0; i < places.length; i += 2) {
    const name = symbols[places[i] as number];
    const value = symbols[places[i + 1] as number];
    if (name === undefined || value === undefined) return null;
    setOwn(labels, name, value);
  }
  return labels;
}

function metadataOf({ type, unitRef }: Json, symbols: readonly string[]): Family {
  return {
    type: SERIES_TYPES[numberOf(type) ?? 0] ?? null,
    unit: textOf(symbols[numberOf(unitRef) ?? 0]),
  };
}

function familiesOf(request: Json): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  for (const item of listOf(request['metadata'])) {
    const { type, family, unit } = objectOf(item);
    if (typeof family !== 'string') continue;
    families.set(family, { type: SERIES_TYPES[numberOf(type) ?? 0] ?? null, unit: textOf(unit) });
  }
  return families;
}

function familyOf(name: unknown, families: ReadonlyMap<string, Family>): Family {
  return (typeof name === 'string' ? families.get(name) : undefined) ?? UNKNOWN;
}

/** Events that a series is. */
function pointsOf(series: Json): number {
  return listOf(series['samples']).length + listOf(series['histograms']).length;
}
