/** Stream patterns. */
import { expect, it } from 'vitest';
import { globMatches } from '../../../src/ir/glob.ts';

it.each<[string, string, boolean]>([
  ['plays*', 'plays', true],
  ['plays*', 'plays-eu', true],
  ['plays*', 'play', false],
  ['us-*-1', 'us-east-1', true],
  ['us-*-1', 'us-1', false],
  ['*a*b*', 'xaxbx', true],
  ['*a*b*', 'ba', false],
  ['a*a', 'a', false],
  ['*', '', true],
  ['a**b', 'ab', true],
])('%s against %s: %s', (pattern, stream, matches) => {
  expect(globMatches({ pattern, glob: true }, stream)).toBe(matches);
});

it('takes an exact name as it is', () => {
  expect(globMatches({ pattern: 'a*', glob: false }, 'a*')).toBe(true);
  expect(globMatches({ pattern: 'a*', glob: false }, 'ab')).toBe(false);
});
