/** One reading of the clock for events that follow each other closely, within one turn only. */
import { describe, expect, test } from 'vitest';
import { TurnClock } from '../../../agents/turn-clock.ts';
import { VirtualClock } from '../../../src/core/clock.ts';

class CountedClock extends VirtualClock {
  readings = 0;

  override now(): number {
    this.readings++;
    return super.now();
  }
}

/** What follows has another turn, or microtask, of its own. */
async function nextTurn(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

describe('the clock of a turn', () => {
  test('is read once for a few of many readings that follow each other', () => {
    const clock = new CountedClock(5);
    const turn = new TurnClock(clock);
    for (let i = 0; i < 1_600; i++) expect(turn.now()).toBe(5);
    expect(clock.readings).toBeLessThan(150);
  });

  test('never reuses a reading in another turn', async () => {
    const clock = new CountedClock(5);
    const turn = new TurnClock(clock);
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 1 + (round % 20); i++) turn.now();
      await nextTurn();
      clock.advance(1);
      expect(turn.now()).toBe(clock.now());
      await nextTurn();
    }
  });

  test('is read every time where readings are not close together', () => {
    const clock = new CountedClock(5);
    const turn = new TurnClock(clock);
    for (let i = 0; i < 200; i++) {
      clock.advance(0.1);
      expect(turn.now()).toBe(clock.now());
    }
  });

  test('falls behind by no more than a few dozen readings of one turn', () => {
    const clock = new CountedClock(0);
    const turn = new TurnClock(clock);
    for (let i = 0; i < 100; i++) turn.now();
    // From here on the turn takes long for each.
    let behind = 0;
    for (let i = 0; i < 100; i++) {
      clock.advance(10);
      if (turn.now() < clock.now()) behind++;
    }
    expect(behind).toBeLessThanOrEqual(63);
  });

  test('does not watch turns in which one event is published', () => {
    let watched = 0;
    const waiting: (() => void)[] = [];
    const turn = new TurnClock(new CountedClock(0), (run) => {
      watched++;
      waiting.push(run);
    });
    for (let i = 0; i < 330; i++) {
      turn.now();
      waiting.shift()?.();
    }
    expect(watched).toBeLessThan(30);
  });
});
