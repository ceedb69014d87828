/** Frames that wait their turn: in order, none lost, none twice, and never too many. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/core/clock.ts';
import { Backlog } from '../../../src/shard/backlog.ts';
import type { ConnectionInput } from '../../../src/shard/effects.ts';
import { lawParameters } from '../../support/laws.ts';

const CONFIG = { shardTurnMs: 20, backlogBytesMax: 10_000 };

function rig(costMs: number) {
  const clock = new VirtualClock(1_000);
  const done: ConnectionInput[] = [];
  const backlog = new Backlog(clock, CONFIG, (input) => {
    clock.advance(costMs);
    done.push(input);
  });
  return { clock, done, backlog };
}

function text(i: number): ConnectionInput {
  return { type: 'text', connection: 1, text: String(i) };
}

describe('a backlog', () => {
  test('keeps nothing while a turn has time', () => {
    const { backlog, done } = rig(1);
    for (let i = 0; i < 10; i++) backlog.take(text(i));
    expect(done).toHaveLength(10);
    expect(backlog.isEmpty).toBe(true);
  });

  test('ends a turn after its time and goes on in the next, in order', () => {
    const { backlog, done } = rig(10);
    for (let i = 0; i < 7; i++) backlog.take(text(i));
    expect(done).toHaveLength(2);
    backlog.turn();
    expect(done).toHaveLength(4);
    backlog.take(text(7));
    backlog.turn();
    backlog.turn();
    expect(backlog.isEmpty).toBe(true);
    expect(done).toStrictEqual(Array.from({ length: 8 }, (_, i) => text(i)));
  });

  test('says since when something waits', () => {
    const { backlog, clock } = rig(30);
    backlog.take(text(0));
    const sinceMs = clock.now();
    backlog.take(text(1));
    clock.advance(500);
    expect(backlog.readMs).toBe(sinceMs);
    backlog.workOff();
    expect(backlog.readMs).toBe(clock.now());
  });

  test('copies bytes that are only lent', () => {
    const { backlog, done } = rig(30);
    const bytes = new Uint8Array([1, 2, 3]);
    backlog.take(text(0));
    backlog.take({ type: 'binary', connection: 1, bytes });
    bytes.fill(0);
    backlog.workOff();
    expect(done[1]).toMatchObject({ bytes: new Uint8Array([1, 2, 3]) });
  });

  test('works beyond its time rather than keep more than its bound', () => {
    const { backlog, done } = rig(30);
    const bytes = new Uint8Array(4_000);
    for (let i = 0; i < 5; i++) backlog.take({ type: 'binary', connection: i, bytes });
    expect(backlog.bytes).toBeLessThanOrEqual(CONFIG.backlogBytesMax);
    expect(done.map(({ connection }) => connection)).toStrictEqual([0, 1, 2]);
  });

  test('law: everything is worked on once and in order, whatever it costs and when turns end', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('take' as const), bytes: fc.integer({ min: 0, max: 12_000 }) }),
      fc.constant({ type: 'turn' as const, bytes: 0 }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (steps, cost) => {
          const { backlog, done } = rig(cost);
          let taken = 0;
          for (const { type, bytes } of steps) {
            if (type === 'turn') backlog.turn();
            else {
              backlog.take({ type: 'binary', connection: taken++, bytes: new Uint8Array(bytes) });
            }
            const isOneTooBig = bytes + 128 > CONFIG.backlogBytesMax;
            expect(isOneTooBig || backlog.bytes <= CONFIG.backlogBytesMax + 12_128).toBe(true);
          }
          backlog.workOff();
          expect(backlog.bytes).toBe(0);
          expect(done.map(({ connection }) => connection)).toStrictEqual(
            Array.from({ length: taken }, (_, i) => i),
          );
        },
      ),
      lawParameters(),
    );
  });
});
