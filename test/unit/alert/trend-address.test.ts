/** Addresses of pictures: signed, for one picture, for a time. */
import { describe, expect, test } from 'vitest';
import { trendName, trendPlace } from '../../../src/alert/notify/trend-address.ts';

const KEY = new Uint8Array(32).fill(7);
const PLACE = { id: '0123456789abcdef'.repeat(2), alert: 2 };
const UNTIL_MS = 1_767_614_400_000;
const NAME = trendName(PLACE, UNTIL_MS, KEY);

describe('the address of a picture', () => {
  test('names it, until its time is over', () => {
    expect(trendPlace(NAME, UNTIL_MS - 1, KEY)).toEqual(PLACE);
    expect(trendPlace(NAME, UNTIL_MS, KEY)).toBeNull();
  });

  test('is the same each time, and fits into a path', () => {
    expect(trendName(PLACE, UNTIL_MS, KEY)).toBe(NAME);
    expect(NAME).toMatch(/^[\w-]+\.png$/);
  });

  test('is worth nothing if anything in it is changed', () => {
    for (let at = 0; at < NAME.length; at += 1) {
      const other = NAME[at] === '1' ? '2' : '1';
      const changed = NAME.slice(0, at) + other + NAME.slice(at + 1);
      expect(trendPlace(changed, 0, KEY)).toBeNull();
    }
  });

  test.each(['', 'x.png', NAME.slice(1), `${NAME}x`, NAME.replace('.png', ''), '../etc/passwd'])(
    '%j is none',
    (name) => expect(trendPlace(name, 0, KEY)).toBeNull(),
  );

  test('of another engine is worth nothing here', () => {
    expect(trendPlace(NAME, 0, new Uint8Array(32).fill(8))).toBeNull();
  });
});
