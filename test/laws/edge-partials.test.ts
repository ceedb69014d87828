/**
 * Laws of partials on the wire: what a receiver merges of any chunks of a pane is what the sender
 * had counted; and bytes from a hostile peer are an error, or something that can be merged, never
 * an exception.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapesOf } from '../../src/aggregate/partial-shape.ts';
import { DEFAULTS } from '../../src/config.ts';
import type { AggregateSpec, AggregateStage } from '../../src/ir/plan.ts';
import type { Value } from '../../src/model/value.ts';
import { GroupMerge } from '../../src/operator/merge-panes.ts';
import { GroupStates } from '../../src/window/group-states.ts';
import { ByteWriter } from '../../src/wire/byte-writer.ts';
import {
  decodePartials,
  encodeDeltas,
  encodePartialsFrame,
} from '../../src/wire/partials-frame.ts';
import type { DeltaShape, PaneDelta } from '../../src/wire/partials-frame.ts';
import { aggregateSpec, field } from '../support/hand-plans.ts';
import { lawParameters } from '../support/laws.ts';

const X = field('x');
const SPECS: readonly AggregateSpec[] = [
  aggregateSpec('count', null),
  aggregateSpec('count', X, { distinct: true }),
  aggregateSpec('sum', X),
  aggregateSpec('avg', X),
  aggregateSpec('avg', X, { distinct: true }),
  aggregateSpec('min', X),
  aggregateSpec('max', X),
  aggregateSpec('rate', null),
  aggregateSpec('rate', X),
  aggregateSpec('quantile', X, { parameters: [0.9] }),
  aggregateSpec('stddev', X),
  aggregateSpec('first', X),
  aggregateSpec('last', X),
  aggregateSpec('first_event', X),
  aggregateSpec('count_distinct', X),
  aggregateSpec('topk', X, { parameters: [3] }),
  aggregateSpec('histogram', X, { parameters: [0.5] }),
  aggregateSpec('apdex', X, { parameters: [2] }),
];
const STAGE: AggregateStage = { keys: [field('k'), field('m')], aggregates: SPECS, groupsMax: 50 };
const SHAPE: DeltaShape = { keys: 2, aggregates: shapesOf(STAGE)! };
const CONTEXT = { windowMs: 1_000, coveredMs: 1_000 };

const atom = fc.constantFrom<Value>(null, 'a', 'b', '', 'ключ', 1, -0.5, true, false);
const value = fc.oneof(
  atom,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.constantFrom<Value>([1, 'x'], { a: { b: null } }, Number.MAX_VALUE, -Number.MAX_VALUE),
);
const event = fc.record({ k: atom, m: fc.oneof(atom, value), x: value, timeMs: fc.nat(999) });
/** Enough for sketches to leave their exact beginnings. */
const events = fc.oneof(
  fc.array(event, { maxLength: 60 }),
  fc.array(fc.record({ k: fc.constant(1), m: fc.constant(2), x: value, timeMs: fc.nat(999) }), {
    minLength: 250,
    maxLength: 600,
    size: 'max',
  }),
);

type Dealt = readonly { readonly k: Value; readonly m: Value; readonly x: Value; timeMs: number }[];

function statesOf(dealt: Dealt): GroupStates {
  const states = new GroupStates(STAGE, 12);
  dealt.forEach(({ k, m, x, timeMs }, i) => {
    const group = states.groupOf([k, m]);
    states.note(group, timeMs);
    SPECS.forEach((spec, a) => {
      const order = { timeMs, agentId: 'agent', sequence: i + 1 };
      states.aggregates[a]!.add(group, spec.arg === null ? true : x, order);
    });
  });
  return states;
}

function frameOf(panes: readonly PaneDelta[], part: number): Uint8Array {
  const deltas = panes.flatMap((pane) => {
    const count = pane.groups?.keys.length ?? 0;
    const delta = { query: 'q', losses: [['queue', 3]] as const, panes: [pane] };
    const starts = Array.from({ length: Math.max(1, Math.ceil(count / part)) }, (_, i) => i * part);
    return starts.map((from) => {
      return { delta, shape: SHAPE, range: { from, to: Math.min(count, from + part) } };
    });
  });
  const body = encodeDeltas(new ByteWriter(), 'plays', deltas);
  return encodePartialsFrame({ frameSequence: 7, epoch: 3, filtered: 2, watermarkMs: 99 }, body);
}

function read(bytes: Uint8Array): ReturnType<typeof decodePartials> {
  const shapeOf = (query: string): DeltaShape | null => (query === 'q' ? SHAPE : null);
  return decodePartials(bytes, { agentId: 'agent', limits: DEFAULTS, shapeOf });
}

function rowsOf(groups: readonly PaneDelta['groups'][]): Value[][] {
  const merge = new GroupMerge(STAGE, { groupsMax: 50 });
  for (const one of groups) if (one !== null) merge.add(one);
  return merge.rows(CONTEXT);
}

describe('a partials frame', () => {
  test('holds what was counted, in whatever parts it is told', () => {
    const property = fc.property(events, fc.integer({ min: 1, max: 20 }), (dealt, part) => {
      const groups = statesOf(dealt).encode();
      const pane = { paneStartMs: 1_000, seen: 70, matched: dealt.length, groups };
      const result = read(frameOf([dealt.length === 0 ? { ...pane, groups: null } : pane], part));
      if (!result.ok) throw new Error(result.error.detail);
      const { deltas, header } = result.value;
      expect(header).toStrictEqual({
        ...{ stream: 'plays', frameSequence: 7, epoch: 3, filtered: 2, watermarkMs: 99 },
      });
      const panes = deltas.flatMap((delta) => delta.panes);
      expect(panes.reduce((sum, { seen }) => sum + seen, 0)).toBe(70);
      expect(panes.reduce((sum, { matched }) => sum + matched, 0)).toBe(dealt.length);
      expect(rowsOf(panes.map((one) => one.groups))).toStrictEqual(
        rowsOf([dealt.length === 0 ? null : groups]),
      );
    });
    fc.assert(property, lawParameters());
  });

  test('is an error or can be merged when its bytes are damaged', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), {
      minLength: 1,
      maxLength: 4,
    });
    const property = fc.property(events, damage, fc.nat(), (dealt, damages, cut) => {
      const groups = statesOf(dealt).encode();
      const pane = {
        paneStartMs: 0,
        seen: 1,
        matched: 1,
        groups: dealt.length > 0 ? groups : null,
      };
      const bytes = frameOf([pane], 8);
      const copy = bytes.slice();
      for (const { at, byte } of damages) copy[64 + (at % (copy.length - 64))] = byte;
      mergeAll(read(copy));
      const short = bytes.slice(0, 64 + (cut % (bytes.length - 64)));
      new DataView(short.buffer).setUint32(8, short.length, true);
      expect(read(short).ok).toBe(false);
    });
    fc.assert(property, lawParameters());
  });

  test('is an error or can be merged when its bytes are random', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
      const bytes = encodePartialsFrame(
        { frameSequence: 1, epoch: 1, filtered: 0, watermarkMs: 0 },
        Uint8Array.of(1, 0x70, 1, 1, 0x71, random.length, 0, 0, 0, ...random),
      );
      // The length of a delta takes four bytes.
      new DataView(bytes.buffer).setUint32(64 + 5, random.length, true);
      mergeAll(read(bytes));
    });
    fc.assert(property, lawParameters());
  });

  test('passes over what nobody asks any more', () => {
    const groups = statesOf([{ k: 1, m: 2, x: 3, timeMs: 4 }]).encode();
    const delta = {
      query: 'gone',
      losses: [],
      panes: [{ paneStartMs: 0, seen: 1, matched: 1, groups }],
    };
    const body = encodeDeltas(new ByteWriter(), 'plays', [{ delta, shape: SHAPE }]);
    const header = { frameSequence: 1, epoch: 1, filtered: 0, watermarkMs: 0 };
    expect(read(encodePartialsFrame(header, body))).toMatchObject({
      ok: true,
      value: { deltas: [] },
    });
  });
});

function mergeAll(result: ReturnType<typeof decodePartials>): void {
  if (!result.ok) {
    expect(result.error.code).toMatch(/^WIRE_/);
    return;
  }
  for (const { panes } of result.value.deltas) {
    for (const { groups } of panes) {
      if (groups === null) continue;
      const states = new GroupStates(STAGE, 12);
      states.merge(groups);
      states.merge(structuredClone(groups));
      rowsOf([states.encode()]);
    }
  }
}
