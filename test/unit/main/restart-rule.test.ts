/** What failed starts again at once, then later and later, then not at all. */
import { expect, test } from 'vitest';
import { RestartRule } from '../../../src/main/restart-rule.ts';

const LIMITS = { failuresMax: 5, periodMs: 1_000, waitMinMs: 10, waitMaxMs: 25 };

test('the first failure costs no wait, the next ones double it up to the longest', () => {
  const rule = new RestartRule(LIMITS);
  expect([1, 2, 3, 4].map((ms) => rule.failed(ms))).toStrictEqual([0, 10, 20, 25]);
});

test('the failure that is one too many in the period gives up', () => {
  const rule = new RestartRule(LIMITS);
  for (let ms = 1; ms < 5; ms++) expect(rule.failed(ms)).not.toBeNull();
  expect(rule.failed(5)).toBeNull();
});

test('failures older than the period are forgotten', () => {
  const rule = new RestartRule(LIMITS);
  for (let ms = 1; ms < 5; ms++) rule.failed(ms);
  expect(rule.failed(1_004)).toBe(0);
});
