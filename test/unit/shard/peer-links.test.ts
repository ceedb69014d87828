/** Ways between shards: bounded, in order, and waiting for plans. */
import { describe, expect, test } from 'vitest';
import type { ShardEffect } from '../../../src/shard/effects.ts';
import type { ExchangedRows, ExchangeMark } from '../../../src/shard/messages.ts';
import { PeerLinks } from '../../../src/shard/peer-links.ts';

function rowsOf(bytes: number, epoch = 1): ExchangedRows {
  const none = new Float64Array(0);
  const batch = {
    stream: 's',
    agentId: 'a',
    incarnation: 1,
    rows: 0,
    times: none,
    sequences: none,
  };
  const gathered = { ...batch, fields: [], columns: [] };
  return { type: 'exchanged', pipeline: 'q', epoch, batch: gathered, bytes, ingestMs: 0 };
}

function markOf(epoch: number): ExchangeMark {
  return { type: 'mark', pipeline: 'q', epoch, throughMs: 0, filtered: 0, filteredMs: 0 };
}

function newLinks(exchangeBytesMax = 100) {
  const state = { epoch: 1 };
  const effects: ShardEffect[] = [];
  const taken: string[] = [];
  const links = new PeerLinks({
    exchangeBytesMax,
    emit: (effect) => effects.push(effect),
    epoch: () => state.epoch,
    take: (from, { type }) => taken.push(`${type} of ${from}`),
  });
  return { links, effects, taken, state };
}

describe('what is under way to another shard', () => {
  test('is bounded until it is taken', () => {
    const { links } = newLinks();
    expect(links.sendRows(1, rowsOf(60))).toBe(true);
    expect(links.sendRows(1, rowsOf(60))).toBe(false);
    expect(links.sendRows(2, rowsOf(60))).toBe(true);
    links.receive(1, [{ type: 'taken', bytes: 60 }], 0);
    expect(links.sendRows(1, rowsOf(60))).toBe(true);
  });

  test('may be one batch of any size', () => {
    const { links } = newLinks();
    expect(links.sendRows(1, rowsOf(1_000))).toBe(true);
    expect(links.sendRows(1, rowsOf(1))).toBe(false);
  });

  test('is forgotten with the shard', () => {
    const { links } = newLinks();
    links.sendRows(1, rowsOf(100));
    links.lost(1);
    expect(links.sendRows(1, rowsOf(100))).toBe(true);
  });
});

describe('what comes from another shard', () => {
  test('is taken and reported as taken', () => {
    const { links, effects, taken } = newLinks();
    links.receive(3, [rowsOf(10), markOf(1)], 0);
    expect(taken).toEqual(['exchanged of 3', 'mark of 3']);
    expect(effects).toEqual([{ type: 'to-peer', shard: 3, message: { type: 'taken', bytes: 10 } }]);
  });

  test('waits for the plans it speaks of, in order', () => {
    const { links, taken, state } = newLinks();
    links.receive(3, [rowsOf(10, 2), markOf(2)], 0);
    links.plansChanged(0);
    expect(taken).toEqual([]);
    state.epoch = 2;
    links.plansChanged(0);
    expect(taken).toEqual(['exchanged of 3', 'mark of 3']);
  });

  test('and waits, goes with the shard that sent it', () => {
    const { links, taken, state } = newLinks();
    links.receive(3, [rowsOf(10, 2)], 0);
    links.receive(4, [markOf(2)], 0);
    links.lost(3);
    state.epoch = 2;
    links.plansChanged(0);
    expect(taken).toEqual(['mark of 4']);
  });
});
