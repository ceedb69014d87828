/** Every reason that the engine gives has words for people. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  COMPLETENESS_WORDS,
  completenessText,
  LOSS_WORDS,
  lossWords,
  NOT_SHOWN_WORDS,
  notShownText,
} from '../../../dashboard/loss-words.ts';
import { DROP_REASONS } from '../../../src/telemetry/signals.ts';

const COORDINATOR = join(import.meta.dirname, '../../../src/coordinator');

/** Texts in the coordinator that match, by their first group. */
function told(pattern: RegExp): readonly string[] {
  const found = readdirSync(COORDINATOR).flatMap((file) => {
    const text = readFileSync(join(COORDINATOR, file), 'utf8');
    return Array.from(text.matchAll(pattern), ([, reason = '']) => reason);
  });
  return [...new Set(found)].sort();
}

describe('words', () => {
  test('are there for every reason to drop, in few words and in a sentence', () => {
    expect(Object.keys(LOSS_WORDS).sort()).toEqual(Object.keys(DROP_REASONS).sort());
    for (const { name, detail } of Object.values(LOSS_WORDS)) {
      expect(name.length).toBeLessThanOrEqual(20);
      expect(detail).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('are there for every reason of completeness that the coordinator gives', () => {
    const given = [
      ...told(/(?:reasons\.push|damageMs\.set)\('([a-z-]+)'/g),
      ...told(/[rR]eason\((?:\w+\.)?reasons, '([a-z-]+)'/g),
      ...told(/\.reasons, '([a-z-]+)'/g),
      ...told(/VALUES_CUT = '([a-z-]+)'/g),
    ];
    expect(given).toEqual(expect.arrayContaining(['agents-missing', 'first-window', 'values-cut']));
    expect(given.filter((reason) => COMPLETENESS_WORDS[reason] === undefined)).toEqual([]);
  });

  test('are there for everything that a reader is not told', () => {
    const given = told(/type: 'drop', reason: '([a-z_-]+)'/g);
    expect(given).toContain('rows-per-second');
    expect(given.filter((reason) => NOT_SHOWN_WORDS[reason] === undefined)).toEqual([]);
  });

  test('do without a reason that only a newer engine knows', () => {
    expect(lossWords('constructor')).toBeNull();
    expect(notShownText('new')).toBe('Left out on the way to this page.');
    expect(completenessText('new-reason')).toBe('new-reason');
    expect(completenessText('silent-source:titles')).toBe('nobody feeds titles');
  });
});
