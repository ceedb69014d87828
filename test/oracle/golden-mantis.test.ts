/** Every recorded answer of Mantis is ours, or a listed difference. */
import { describe, expect, it } from 'vitest';
import { judge, readCases, readLists } from '../support/mantis-conformance.ts';

const lists = readLists();
const cases = readCases();
const ids = new Set(cases.map((item) => item.id));

describe('recorded answers of Mantis', () => {
  it.each(cases.map((item) => [item.id, item] as const))('%s is explained', async (_id, item) => {
    const outcome = await judge(item, lists);
    expect(outcome.verdict, `${outcome.query}\n${outcome.detail}`).not.toBe('unexplained');
  });

  it('lists only cases that exist, each under one heading', () => {
    const deliberate = Object.keys(lists.deliberate);
    const listed = [...deliberate, ...lists.unsupported];
    expect(listed.filter((id) => !ids.has(id))).toEqual([]);
    expect(deliberate.filter((id) => lists.unsupported.includes(id))).toEqual([]);
  });

  it('gives every deliberate difference its number and a reason', () => {
    for (const [id, { difference, reason }] of Object.entries(lists.deliberate)) {
      expect(difference, id).toMatch(/^(D[0-9]+|L[0-9]+|§[0-9]+[a-z]?)$/);
      expect(reason, id).not.toBe('');
    }
  });
});
