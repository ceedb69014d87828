/**
 * The conformance corpus of partials frames: frames as hex with what they mean, for agents and
 * engines in other languages. test/golden/partials/frames.json is written by `npm run golden`.
 */
import { shapesOf } from '../../src/aggregate/partial-shape.ts';
import { DEFAULTS } from '../../src/config.ts';
import type { AggregateSpec } from '../../src/ir/plan.ts';
import type { Value } from '../../src/model/value.ts';
import { GroupStates } from '../../src/window/group-states.ts';
import { ByteWriter } from '../../src/wire/byte-writer.ts';
import {
  decodePartials,
  encodeDeltas,
  encodePartialsFrame,
} from '../../src/wire/partials-frame.ts';
import type { QueryDelta } from '../../src/wire/partials-frame.ts';
import { aggregateSpec, field } from './hand-plans.ts';

export interface PartialsCase {
  readonly about: string;
  /** Of the query `q`: its number of keys and the names of its aggregates with their parameters. */
  readonly keys: number;
  readonly aggregates: readonly (readonly [string, ...number[]])[];
  readonly hex: string;
  /** Numbers that JSON cannot say are texts. */
  readonly meaning: unknown;
}

type Row = readonly [timeMs: number, x: Value, ...keys: Value[]];

interface Source extends Omit<PartialsCase, 'hex' | 'meaning'> {
  readonly rows: readonly Row[];
  readonly losses?: QueryDelta['losses'];
}

const MANY = Array.from({ length: 300 }, (_, i): Row => [i, i]);
const SOURCES: readonly Source[] = [
  {
    about: 'counts by a key, and an event without the key',
    ...{ keys: 1, aggregates: [['count'], ['rate']] },
    rows: [
      [5, 1, 'eu'],
      [6, 1, 'us'],
      [7, 1, 'eu'],
      [8, 1, null],
    ],
  },
  {
    about: 'two keys of every kind',
    ...{ keys: 2, aggregates: [['count']] },
    rows: [
      [1, 1, true, 2.5],
      [2, 1, false, 'ключ'],
      [3, 1, [1], { a: 1 }],
    ],
  },
  {
    about: 'no keys, a sum with its rounding error, extremes of numbers and texts',
    ...{ keys: 0, aggregates: [['sum'], ['avg'], ['min'], ['max'], ['stddev'], ['apdex', 2]] },
    rows: [
      [1, 0.1],
      [2, 0.2],
      [3, 'text'],
      [4, -3],
    ],
  },
  {
    about: 'exact quantiles',
    keys: 0,
    aggregates: [['quantile', 0.9]],
    rows: [
      [1, 4],
      [2, 0.5],
    ],
  },
  { about: 'buckets of quantiles', keys: 0, aggregates: [['quantile', 0.9]], rows: MANY },
  {
    about: 'first and last, told by time and sequence',
    ...{ keys: 1, aggregates: [['first'], ['last']] },
    rows: [
      [9, 'b', 'k'],
      [3, { a: [1] }, 'k'],
      [3, null, 'other'],
    ],
  },
  {
    about: 'distinct values and the most frequent ones',
    ...{ keys: 0, aggregates: [['count_distinct'], ['topk', 2]] },
    rows: [
      [1, 'a'],
      [2, 'a'],
      [3, 7],
    ],
  },
  {
    about: 'a histogram',
    keys: 0,
    aggregates: [['histogram', 10]],
    rows: [
      [1, 4],
      [2, -25],
    ],
  },
  {
    about: 'losses alone',
    ...{ keys: 0, aggregates: [['count']], rows: [] },
    losses: [
      ['queue', 300],
      ['future', 1],
    ],
  },
];

export function partialsCorpus(): readonly PartialsCase[] {
  return SOURCES.map(({ rows, losses = [], ...source }) => {
    const stage = stageOf(source);
    const states = new GroupStates(stage, 100);
    rows.forEach(([timeMs, x, ...key], i) => {
      const group = states.groupOf(key);
      states.note(group, timeMs);
      stage.aggregates.forEach((spec, a) => {
        const order = { timeMs, agentId: 'agent', sequence: i + 1 };
        states.aggregates[a]!.add(group, spec.arg === null ? true : x, order);
      });
    });
    const counted = { paneStartMs: 1_000, seen: rows.length + 1, matched: rows.length };
    const panes = rows.length === 0 ? [] : [{ ...counted, groups: states.encode() }];
    const shape = { keys: source.keys, aggregates: shapesOf(stage)! };
    const body = encodeDeltas(new ByteWriter(), 'plays', [
      { delta: { query: 'q', losses, panes }, shape },
    ]);
    const header = { frameSequence: 1, epoch: 2, filtered: 3, watermarkMs: 1_764_000_000_000 };
    const hex = Buffer.from(encodePartialsFrame(header, body)).toString('hex');
    return { ...source, hex, meaning: partialsMeaning({ ...source, hex }) };
  });
}

export function partialsMeaning(of: Omit<PartialsCase, 'meaning'>): unknown {
  const shape = { keys: of.keys, aggregates: shapesOf(stageOf(of))! };
  const bytes = new Uint8Array(Buffer.from(of.hex, 'hex'));
  const read = decodePartials(bytes, { agentId: 'agent', limits: DEFAULTS, shapeOf: () => shape });
  return JSON.parse(JSON.stringify(read.ok ? read.value : read.error, writable)) as unknown;
}

function stageOf({ aggregates, keys }: Pick<PartialsCase, 'aggregates' | 'keys'>) {
  const specs = aggregates.map(([name, ...parameters]): AggregateSpec => {
    const arg = name === 'count' || name === 'rate' ? null : field('x');
    return aggregateSpec(name, arg, { parameters });
  });
  return { keys: Array.from({ length: keys }, () => field('k')), aggregates: specs, groupsMax: 9 };
}

function writable(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value))
    return Array.from(value as Float64Array, (one) => writable('', one));
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
