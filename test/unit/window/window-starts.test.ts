import { expect, test } from 'vitest';
import { lastEndedStart } from '../../../src/window/window-starts.ts';

test.each([
  { name: 'tumbling, at an end', ms: 20, sizeMs: 10, slideMs: 10, start: 10 },
  { name: 'tumbling, before an end', ms: 19, sizeMs: 10, slideMs: 10, start: 0 },
  { name: 'a slide that divides the size', ms: 22, sizeMs: 10, slideMs: 5, start: 10 },
  { name: 'a slide that does not', ms: 6, sizeMs: 3, slideMs: 2, start: 2 },
  { name: 'a slide that does not, at an end', ms: 7, sizeMs: 3, slideMs: 2, start: 4 },
  { name: 'gaps between windows', ms: 7, sizeMs: 1, slideMs: 4, start: 4 },
  { name: 'before 1970', ms: 0, sizeMs: 3, slideMs: 2, start: -4 },
  { name: 'no slide', ms: 7.5, sizeMs: 0, slideMs: 0, start: 7 },
])('$name', ({ ms, sizeMs, slideMs, start }) => {
  expect(lastEndedStart(ms, { sizeMs, slideMs })).toBe(start);
});
