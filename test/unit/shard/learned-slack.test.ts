/** How late events prove to be: at once when later, after a while when earlier, within bounds. */
import { expect, test } from 'vitest';
import { LearnedSlack } from '../../../src/shard/learned-slack.ts';

const NOW_MS = 1_700_000_000_000;

class Looked {
  readonly slack = new LearnedSlack({ minMs: 1_000, maxMs: 15_000 });
  nowMs = NOW_MS;

  events(lateMs: number, count = 1): number {
    for (let i = 0; i < count; i++) this.slack.look(this.nowMs - lateMs, this.nowMs);
    return this.slack.slackMs;
  }
}

test('nothing came: the least there is', () => {
  expect(new Looked().slack.slackMs).toBe(1_000);
});

test.each([
  [0, 1_000],
  [-5_000, 1_000],
  [999, 1_000],
  [1_000, 2_000],
  [4_200, 5_000],
  [14_999, 15_000],
  [3_600_000, 15_000],
])('%i ms late is a slack of %i', (lateMs, slackMs) => {
  expect(new Looked().events(lateMs)).toBe(slackMs);
});

test('one of two hundred changes nothing, three of them do', () => {
  const looked = new Looked();
  looked.events(100, 197);
  expect(looked.events(8_000)).toBe(1_000);
  expect(looked.events(8_000, 2)).toBe(9_000);
});

test('what was late once is forgotten after two minutes', () => {
  const looked = new Looked();
  expect(looked.events(8_000)).toBe(9_000);
  looked.nowMs += 60_000;
  expect(looked.events(0)).toBe(9_000);
  looked.nowMs += 60_000;
  expect(looked.events(0)).toBe(1_000);
});

test('a long silence forgets all at once', () => {
  const looked = new Looked();
  looked.events(8_000, 10);
  looked.nowMs += 600_000;
  expect(looked.events(0)).toBe(1_000);
});
