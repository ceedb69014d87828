import { describe, expect, test } from 'vitest';
import type { FieldPath } from '../../../src/ir/expression.ts';
import { readPath } from '../../../src/ir/path.ts';
import { parsePath } from '../../../src/ir/path-text.ts';
import { pathOfSource } from '../../../src/ir/stream-path.ts';
import { BatchView } from '../../../src/kernel/batch-view.ts';
import { FieldSet } from '../../../src/kernel/field-set.ts';
import type { Event } from '../../../src/model/value.ts';
import { TestConnection } from '../../support/batch-builder.ts';

function path(text: string): FieldPath {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

const EVENTS: readonly Event[] = [
  { 'a.b.c': 1, 'a.b': { c: 2 }, a: { 'b.c': 3, b: { c: 4 } } },
  { 'a.b': { c: 2 }, a: { 'b.c': 3 } },
  { 'a.b': 5, a: { b: { c: 4 }, 'b.c': 3 } },
  { a: { b: { c: 4 } }, l: [{ x: 1 }, { x: 2 }] },
  { l: 7, pre1: true, pre2: 'x' },
];

describe('a batch of all fields', () => {
  test.each([
    'a.b.c',
    'a.b',
    '`a.b`',
    'a',
    'l',
    'l[0].x',
    'l[-1]',
    'l[*].x',
    "e[^'pre']",
    'none.at.all',
  ])('reads %s as the event would', (text) => {
    const fields = new FieldSet();
    const number = fields.number(path(text));
    const view = new BatchView(fields);
    const batch = new TestConnection().batch(EVENTS, { allKeys: true });
    expect(view.bind(batch, 0)).toBe('bound');
    const read = view.reader(number);
    expect(EVENTS.map((_, row) => read(row))).toEqual(
      EVENTS.map((event) => readPath(event, path(text))),
    );
  });

  test('a flat key and an absent field are columns', () => {
    const fields = new FieldSet();
    const numbers = ['l', 'none'].map((text) => fields.number(path(text)));
    const view = new BatchView(fields);
    view.bind(new TestConnection().batch([{ l: 1.5 }], { allKeys: true }), 0);
    expect(numbers.map((number) => view.column(number)?.kind)).toEqual(['f64', 'null']);
  });
});

describe('a batch of asked fields', () => {
  test('is not covered when one was not asked for', () => {
    const fields = new FieldSet();
    fields.number(path('a'));
    fields.number(path('b'));
    const view = new BatchView(fields);
    const connection = new TestConnection();
    expect(view.bind(connection.batch([{ a: 1 }], { paths: [path('a')] }), 0)).toBe('not-covered');
    const both = connection.batch([{ a: 1 }], { paths: [path('b'), path('a')] });
    expect(view.bind(both, 0)).toBe('bound');
  });

  test('has nothing for a path of another stream, and does not ask for it', () => {
    const fields = new FieldSet();
    const own = fields.number(pathOfSource({ pattern: 'stream', glob: false }, path('a')));
    const others = fields.number(pathOfSource({ pattern: 'x*', glob: true }, path('b')));
    const view = new BatchView(fields);
    const batch = new TestConnection().batch([{ a: 1.5, b: 2 }], { paths: [path('a')] });
    expect(view.bind(batch, 0)).toBe('bound');
    expect([view.column(own)?.kind, view.column(others)?.kind]).toEqual(['f64', 'null']);
    expect([view.reader(own)(0), view.reader(others)(0)]).toEqual([1.5, null]);
  });

  test('gives a path its number once', () => {
    const fields = new FieldSet();
    expect([fields.number(path('a')), fields.number(path('b')), fields.number(path('a'))]).toEqual([
      0, 1, 0,
    ]);
  });
});
