import { expect, test } from 'vitest';
import { episodeName, isAudible } from '../../../src/alert/transition.ts';
import { firingAlert } from '../../support/alert-transition.ts';

const alert = { rule: 'sps', condition: 'threshold', key: '{"region":"eu"}' } as const;

test('an episode is named by rule, condition, key and its first moment, and by nothing else', () => {
  expect(episodeName({ ...alert }, 1_000)).toBe(episodeName(alert, 1_000));
  const others = [
    episodeName(alert, 1_001),
    episodeName({ ...alert, rule: 'sps2' }, 1_000),
    episodeName({ ...alert, condition: 'silent' }, 1_000),
    episodeName({ ...alert, key: '{"region":"us"}' }, 1_000),
  ];
  expect(new Set([...others, episodeName(alert, 1_000)]).size).toBe(5);
});

test.each([
  ['pending', 'firing', true],
  ['ok', 'firing', true],
  ['recovering', 'ok', true],
  ['firing', 'ok', true],
  ['ok', 'pending', false],
  ['pending', 'ok', false],
  ['firing', 'recovering', false],
  ['recovering', 'firing', false],
] as const)('%s → %s is audible: %s', (from, to, audible) => {
  expect(isAudible({ from, to })).toBe(audible);
});

test('an alert that fires was made to fire by an audible transition', () => {
  expect(isAudible(firingAlert().transition)).toBe(true);
});
