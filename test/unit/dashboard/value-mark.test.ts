/** Which values are not exact, and what they are instead. */
import { expect, test } from 'vitest';
import { markOf } from '../../../dashboard/value-mark.tsx';
import { completeness } from '../../browser/support/results.ts';

test.each([
  { name: 'nothing is said of a whole answer', state: {}, word: null },
  { name: 'nothing is said of another column', state: { estimated: ['m'] }, word: null },
  { name: 'a sketch estimates', state: { estimated: ['n'] }, word: 'estimated' },
  { name: 'a sample makes all values samples', state: { sampleFactor: 0.1 }, word: 'sampled' },
  {
    name: 'a list that is cut lacks values',
    state: { cut: ['n'], sampleFactor: 0.1 },
    word: 'cut',
  },
])('$name', ({ state, word }) => {
  expect(markOf(completeness(state), 'n')?.word ?? null).toBe(word);
});

test('a small share of the events is not told as none', () => {
  expect(markOf(completeness({ sampleFactor: 1e-9 }), 'n')?.detail).toContain('0.01');
  expect(markOf(null, 'n')).toBeNull();
});
