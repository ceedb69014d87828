import { describe, expect, test } from 'vitest';
import { NumberAtoms } from '../../../src/kernel/number-atoms.ts';
import { ABSENT, TupleTable } from '../../../src/kernel/tuple-table.ts';

describe.each([1, 2, 3])('tuples of %d', (arity) => {
  const columns = Array.from({ length: arity }, (_, c) =>
    Uint32Array.from({ length: 500 }, (_unused, i) => (c === 0 ? i : 0xffff_fff0 + (i % 7))),
  );

  test('are found with their values, and only they', () => {
    const table = new TupleTable(arity);
    const out = new Uint32Array(500);
    expect(table.find(columns, 500, out)).toBe(500);
    expect(out.every((value) => value === ABSENT)).toBe(true);
    for (let i = 0; i < 250; i++) table.set(columns, i, i * 3);
    expect(table.find(columns, 500, out)).toBe(250);
    expect([out[0], out[249], out[250], table.size]).toEqual([0, 747, ABSENT, 250]);
    expect(table.get(columns, 100)).toBe(300);
    table.clear();
    expect(table.find(columns, 500, out)).toBe(500);
  });
});

test('numbers get atoms; 0 and −0 are one', () => {
  const atoms = new NumberAtoms();
  for (let i = 0; i < 1_000; i++) atoms.set(i / 8, i + 1);
  expect([atoms.get(0), atoms.get(-0), atoms.get(12.5), atoms.get(-12.5)]).toEqual([1, 1, 101, 0]);
});
