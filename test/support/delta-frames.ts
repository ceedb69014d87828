/** Partials frames of `count(*)` by one key, for the query `q` of the stream `plays`. */
import { partialShapeOf } from '../../src/aggregate/partial-shape.ts';
import { DEFAULTS } from '../../src/config.ts';
import { ByteWriter } from '../../src/wire/byte-writer.ts';
import {
  decodePartials,
  encodeDeltas,
  encodePartialsFrame,
} from '../../src/wire/partials-frame.ts';
import type { DeltaShape } from '../../src/wire/partials-frame.ts';
import { aggregateSpec } from './hand-plans.ts';

const shape: DeltaShape = { keys: 1, aggregates: [partialShapeOf(aggregateSpec('count', null))!] };

export const COUNT_SHAPE = {
  shape,
  read: (bytes: Uint8Array): ReturnType<typeof decodePartials> =>
    decodePartials(bytes, { agentId: 'agent', limits: DEFAULTS, shapeOf: () => shape }),
};

export interface CountedPane {
  readonly paneStartMs: number;
  readonly seen: number;
  readonly matched: number;
  readonly key: string;
  readonly count: number;
}

export function partialsOf(panes: readonly CountedPane[], frameSequence = 1): Uint8Array {
  const told = panes.map(({ count, key, ...pane }) => ({
    ...pane,
    groups: {
      keys: [[key]],
      overflow: null,
      firstSeenMs: Float64Array.of(pane.paneStartMs),
      aggregates: [{ kind: 'count', counts: Float64Array.of(count) }],
    },
  }));
  const delta = { query: 'q', losses: [], panes: told };
  const body = encodeDeltas(new ByteWriter(), 'plays', [{ delta, shape }]);
  return encodePartialsFrame({ frameSequence, epoch: 1, filtered: 0, watermarkMs: 0 }, body);
}
