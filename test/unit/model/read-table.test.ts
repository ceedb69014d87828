/** Texts → rows of tables, and what is said of those that are none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../../src/model/read-table.ts';
import type { TableFormat } from '../../../src/model/read-table.ts';

const BOUNDS = { rowsMax: 3, columnsMax: 4 };

const GOOD: readonly (readonly [TableFormat, string, readonly object[]])[] = [
  [
    'csv',
    'id,name\n1,Kelp\n2,Drift\n',
    [
      { id: 1, name: 'Kelp' },
      { id: 2, name: 'Drift' },
    ],
  ],
  [
    'csv',
    '\ufeffid,on\r\n007,true\r\n8,false\r\n',
    [
      { id: '007', on: true },
      { id: '8', on: false },
    ],
  ],
  ['csv', 'a,b\n"x, ""y""\nz",\n', [{ a: 'x, "y"\nz', b: null }]],
  ['csv', 'a\n1\n\n2.5e3', [{ a: 1 }, { a: 2500 }]],
  [
    'csv',
    'a,b\n9007199254740993,1\n1,x',
    [
      { a: '9007199254740993', b: '1' },
      { a: '1', b: 'x' },
    ],
  ],
  ['csv', 'a,b\n', []],
  ['json', '[{"a":1,"b":{"c":[1]}}]', [{ a: 1, b: { c: [1] } }]],
  ['ndjson', '{"a":1}\n\n{"a":"x"}\n', [{ a: 1 }, { a: 'x' }]],
];

const BAD: readonly (readonly [TableFormat, string, number | null, RegExp])[] = [
  ['csv', '', 1, /no header/],
  ['csv', 'a,a\n1,2', 1, /one name/],
  ['csv', 'a,\n1,2', 1, /no name/],
  ['csv', 'a,b\n1,2\n3', 3, /1 cells where the header has 2/],
  ['csv', 'a\n"open', 2, /not closed/],
  ['csv', 'a\n"x"y', 2, /middle of a cell/],
  ['csv', 'a,b,c,d,e\n', 1, /more than 4 columns/],
  ['csv', 'a\n1\n2\n3\n4', null, /more than 3 rows/],
  ['json', '{"a":1}', null, /not a JSON list/],
  ['json', '[{"a":1},2]', 2, /not an object/],
  ['json', '[', null, /not a JSON list/],
  ['ndjson', '{"a":1}\nx', 2, /not a JSON object/],
  ['ndjson', '{}\n{}\n{}\n{}\n', null, /more than 3 rows/],
];

describe('a table', () => {
  it.each(GOOD)('is read from %s %j', (format, text, rows) => {
    expect(readTable(text, format, BOUNDS)).toEqual({ ok: true, value: rows });
  });

  it.each(BAD)('is refused with its line: %s %j', (format, text, line, message) => {
    const read = readTable(text, format, BOUNDS);
    expect(read).toMatchObject({ ok: false, error: { line } });
    if (!read.ok) expect(read.error.message).toMatch(message);
  });

  it('is read back from CSV whatever texts are in it', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => `x${text}`);
    const rows = fc.array(fc.record({ a: cell, b: cell }), { minLength: 1, maxLength: 3 });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(rows, (given) => {
        const lines = given.map(({ a, b }) => `${quoted(a)},${quoted(b)}`);
        const text = ['a,b', ...lines].join('\r\n');
        expect(readTable(text, 'csv', BOUNDS)).toEqual({ ok: true, value: given });
      }),
    );
  });

  it('holds no name to be special', () => {
    const bounds = { rowsMax: 5, columnsMax: 5 };
    const read = readTable('__proto__,constructor\n1,2\n', 'csv', bounds);
    if (!read.ok) throw new Error(read.error.message);
    const [row] = read.value;
    expect(Object.entries(row!)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  it('may be 100,000 rows of quotes, line ends and a byte order mark', () => {
    const bounds = { rowsMax: 100_000, columnsMax: 5 };
    const lines = Array.from({ length: 100_000 }, (_, i) => `${i},"a ""${i}"",\nb"`);
    const read = readTable(`\ufeffid,text\r\n${lines.join('\r\n')}`, 'csv', bounds);
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value).toHaveLength(100_000);
    expect(read.value[99_999]).toEqual({ id: 99_999, text: 'a "99999",\nb' });
    expect(readTable(`id,text\n${lines.join('\n')}\n1,2`, 'csv', bounds)).toMatchObject({
      error: { message: /more than 100000 rows/ },
    });
  });

  it('never throws', () => {
    const format = fc.constantFrom<TableFormat>('csv', 'json', 'ndjson');
    fc.assert(
      fc.property(format, fc.string({ unit: 'binary' }), (kind, text) => {
        expect(typeof readTable(text, kind, BOUNDS).ok).toBe('boolean');
      }),
    );
  });
});
