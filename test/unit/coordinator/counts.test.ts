/** What the coordinator counts: the ledger's pages, and what each query lost. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { createLedger, pageCloses } from '../../../src/coordinator/ledger.ts';
import { LossWatch } from '../../../src/coordinator/loss-watch.ts';
import { Roster } from '../../../src/coordinator/roster.ts';
import type { PanesMessage } from '../../../src/shard/messages.ts';

const CONFIG = configWith({ streamsMax: 2 });

describe('the ledger', () => {
  test('sums reasons and streams of any name, a few pages of streams that were', () => {
    const roster = new Roster(CONFIG);
    const ledger = createLedger(roster, CONFIG.streamsMax);
    const names = ['constructor', '__proto__', 'third', 'fourth'];
    const dropped = JSON.parse('{"__proto__": 2, "constructor": 1}') as Record<string, number>;
    const page = { evaluated: 4, received: 7, dropped, counts: null };
    for (const shard of [0, 1]) {
      ledger.ingested(
        shard,
        names.map((stream) => ({ stream, ...page })),
      );
      ledger.shardLost(shard);
    }
    const streams = ledger.streams();
    expect(Object.keys(streams)).toStrictEqual(['constructor', '__proto__', '…other']);
    for (const each of Object.values(streams)) expect(pageCloses(each)).toBe(true);
    expect(ledger.engine()).toMatchObject({ received: 56, evaluated: 32 });
    expect(Object.entries(ledger.engine().dropped)).toStrictEqual([
      ['__proto__', 16],
      ['constructor', 8],
    ]);
  });
});

describe('what a query lost', () => {
  const GROUP = { losses: () => new Set<ReadonlyMap<string, number>>() };

  function panesOf(late: number, panes: number): PanesMessage {
    const head = { type: 'panes', pipeline: 'q', closed: true, throughMs: 0, panes: [] } as const;
    return { ...head, late, dropped: { panes } };
  }

  test('in one shard does not go with another, nor hide behind its successor', () => {
    const watch = new LossWatch(GROUP, () => false);
    watch.update(0, panesOf(5, 5));
    expect([watch.late(), { ...watch.losses() }]).toStrictEqual([5, { panes: 5 }]);
    watch.update(1, panesOf(3, 3));
    watch.lose(0);
    expect(watch.late()).toBe(3);
    expect(watch.update(0, panesOf(2, 2))).toBe(2);
    expect([watch.late(), { ...watch.losses() }]).toStrictEqual([2, { panes: 5 }]);
    expect([watch.late(), { ...watch.losses() }]).toStrictEqual([0, {}]);
  });
});
