/** The ledger's picture: at every node what flows in is what flows out, whatever the numbers. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowPicture } from '../../../dashboard/fleet/flow-picture.ts';
import type { LedgerView } from '../../../src/coordinator/views.ts';

const count = fc.integer({ min: 0, max: 1_000_000 });
const drops = fc.dictionary(fc.constantFrom('queue', 'late', 'shed'), count, { maxKeys: 3 });

/** Pages that close, and engines that were also sent events over HTTP or have not got all yet. */
const ledger: fc.Arbitrary<LedgerView> = fc
  .record({
    ...{ filtered: count, sampledOut: count, aggregated: count, sent: count, waiting: count },
    ...{ agentDrops: drops, evaluated: count, engineDrops: drops },
  })
  .map(
    ({ filtered, sampledOut, aggregated, sent, waiting, agentDrops, evaluated, engineDrops }) => {
      const told = filtered + sampledOut + aggregated + sent + sum(agentDrops);
      return {
        incarnation: 'i',
        agents: {
          ...{ filtered, sampledOut, aggregated, sent, dropped: agentDrops },
          offered: told + waiting,
        },
        engine: { received: evaluated + sum(engineDrops), evaluated, dropped: engineDrops },
        streams: {},
        queries: { shed: 0, quota: 0, rows: 0 },
        closes: true,
      };
    },
  );

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}

describe('the picture of the ledger', () => {
  test('adds up at every node', () => {
    fc.assert(
      fc.property(ledger, (view) => {
        const { nodes, bands } = flowPicture(view);
        for (const node of nodes) {
          const arriving = bands.filter(({ to }) => to === node);
          const leaving = bands.filter(({ from }) => from === node);
          const into = arriving.reduce((total, band) => total + band.count, 0);
          const out = leaving.reduce((total, band) => total + band.count, 0);
          if (arriving.length > 0) expect(into, node.name).toBe(node.count);
          if (leaving.length > 0) expect(out, node.name).toBe(node.count);
        }
      }),
    );
  });

  test('has no two nodes of a column above each other, and nothing outside', () => {
    fc.assert(
      fc.property(ledger, (view) => {
        const { nodes, height } = flowPicture(view);
        for (const node of nodes) {
          expect(node.top + node.height).toBeLessThanOrEqual(height + 1e-6);
          for (const other of nodes) {
            if (other === node || other.column !== node.column || other.top < node.top) continue;
            expect(other.top).toBeGreaterThanOrEqual(node.top + node.height);
          }
        }
      }),
    );
  });

  test('of an engine that nobody has sent anything stands', () => {
    const nothing = { offered: 0, filtered: 0, sampledOut: 0, aggregated: 0, sent: 0, dropped: {} };
    const { nodes, bands } = flowPicture({
      ...{ incarnation: 'i', agents: nothing, streams: {}, closes: true },
      engine: { received: 0, evaluated: 0, dropped: {} },
      queries: { shed: 0, quota: 0, rows: 0 },
    });
    expect(nodes.map(({ name }) => name)).toEqual(['offered to agents']);
    expect(bands).toEqual([]);
  });
});
