/**
 * Conformance of the drivers: one suite over each that this Node can load (libsql everywhere,
 * node:sqlite from 22.13 on; `.ci/run` has a Node of either kind).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Defect } from '../../../src/core/assert.ts';
import { openSql } from '../../../src/store/open-sql.ts';
import type { OpenSqlOptions } from '../../../src/store/open-sql.ts';
import type { Sql, SqlDriverName, SqlValue } from '../../../src/store/sql.ts';

const hasBuiltIn = process.getBuiltinModule?.('node:sqlite') !== undefined;
const DRIVERS: readonly SqlDriverName[] = hasBuiltIn ? ['node:sqlite', 'libsql'] : ['libsql'];

let folder = '';
let opened: Sql[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squilla-sql-'));
});

afterEach(() => {
  for (const sql of opened) sql.close();
  opened = [];
  rmSync(folder, { recursive: true });
});

async function open(driver: SqlDriverName, changes: Partial<OpenSqlOptions> = {}): Promise<Sql> {
  const path = join(folder, 'x.db');
  const sql = await openSql({
    path,
    sync: 'normal',
    busyMs: 20,
    bytesMax: 2 ** 30,
    driver,
    ...changes,
  });
  opened.push(sql);
  return sql;
}

const SCHEMA =
  'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE, c BLOB, d REAL) STRICT';

async function openTable(driver: SqlDriverName): Promise<Sql> {
  const sql = await open(driver);
  sql.exec(SCHEMA);
  return sql;
}

test('without a wish the built-in driver is taken where there is one', async () => {
  const sql = await openSql({ path: ':memory:', sync: 'full', busyMs: 0, bytesMax: 2 ** 20 });
  expect(sql.driver).toBe(DRIVERS[0]);
  sql.close();
});

describe.each(DRIVERS)('%s', (driver) => {
  test('says its name', async () => {
    expect((await open(driver)).driver).toBe(driver);
  });

  test('values come back as they went in', async () => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b, c, d) VALUES (?, ?, ?)');
    const rows: readonly SqlValue[][] = [
      ['', null, null],
      ['😀 "quoted" \'\n', new Uint8Array([0, 255]), 1.5],
      ['infinite', new Uint8Array(0), Infinity],
      ['tiny', null, 5e-324],
    ];
    for (const row of rows) expect(insert.run(...row)).toBe(1);
    const all = sql.prepare('SELECT a, b, c, d FROM t ORDER BY a').all();
    expect(all.map(({ b, c, d }) => [b, c, d])).toEqual(rows);
    expect(all.map(({ a }) => a)).toEqual([1, 2, 3, 4]);
    for (const { c } of all) if (c !== null) expect(c).toBeInstanceOf(Uint8Array);
  });

  test('a row has its columns and nothing else', async () => {
    const sql = await openTable(driver);
    sql.exec("INSERT INTO t (b) VALUES ('x')");
    expect(Object.keys(sql.prepare('SELECT a, b FROM t LIMIT 1').get() ?? {})).toEqual(['a', 'b']);
    expect(sql.prepare('SELECT a FROM t WHERE a = ?').get(7)).toBeUndefined();
  });

  test('whole numbers up to 2^53 − 1 are exact in an INTEGER column', async () => {
    const sql = await openTable(driver);
    sql.prepare('INSERT INTO t (a, b) VALUES (?, ?)').run(Number.MAX_SAFE_INTEGER, 'x');
    const row = sql.prepare('SELECT a, typeof(a) AS type FROM t').get();
    expect({ ...row }).toEqual({ a: Number.MAX_SAFE_INTEGER, type: 'integer' });
  });

  test('RETURNING gives rows, `run` counts changes', async () => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?) RETURNING a');
    expect(insert.get('x')?.['a']).toBe(1);
    expect(insert.all('y').map(({ a }) => a)).toEqual([2]);
    expect(sql.prepare("UPDATE t SET d = 1 WHERE b <> 'z'").run()).toBe(2);
    expect(sql.prepare('DELETE FROM t').run()).toBe(2);
  });

  test('a lone null is a value', async () => {
    const sql = await openTable(driver);
    sql.exec("INSERT INTO t (b) VALUES ('x')");
    expect(sql.prepare('UPDATE t SET c = ?').run(null)).toBe(1);
    expect(sql.prepare('UPDATE t SET c = ?').run(new Uint8Array([7]))).toBe(1);
  });

  test('a transaction is all or nothing', async () => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
    const count = (): SqlValue | undefined =>
      sql.prepare('SELECT count(*) AS n FROM t').get()?.['n'];
    expect(sql.transaction(() => insert.run('x') + insert.run('y'))).toBe(2);
    const failing = (): void => {
      sql.transaction(() => {
        insert.run('z');
        throw new Error('no');
      });
    };
    expect(failing).toThrow('no');
    expect(count()).toBe(2);
  });

  test('a transaction in another one is a part of it', async () => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
    const both = (): void => {
      sql.transaction(() => {
        sql.transaction(() => insert.run('x'));
        throw new Error('no');
      });
    };
    expect(both).toThrow('no');
    expect(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(0);
  });

  test('a part that failed fails the whole, also when it was caught', async () => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
    const caught = (): void => {
      sql.transaction(() => {
        insert.run('x');
        try {
          sql.transaction(() => {
            throw new Error('no');
          });
        } catch {
          insert.run('y');
        }
      });
    };
    expect(caught).toThrow('no');
    expect(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(0);
    expect(insert.run('z')).toBe(1);
  });

  test('a transaction that would wait is refused and rolled back', async () => {
    const sql = await openTable(driver);
    const waiting = (): unknown =>
      sql.transaction(() => {
        sql.exec("INSERT INTO t (b) VALUES ('x')");
        return Promise.resolve(1);
      });
    expect(waiting).toThrow(Defect);
    expect(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(0);
  });

  test('after a failed write the next transaction commits', async () => {
    const sql = await openTable(driver);
    const other = await open(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?) RETURNING a');
    other.exec('BEGIN IMMEDIATE');
    expect(() => insert.run('x')).toThrow('ENGINE_STORE_LOCKED');
    expect(() => insert.get('x')).toThrow('ENGINE_STORE_LOCKED');
    other.exec('ROLLBACK');
    expect(insert.get('x')?.['a']).toBe(1);
    expect(() => insert.get('x')).toThrow('UNIQUE');
    expect(sql.transaction(() => insert.get('y')?.['a'])).toBe(2);
  });

  test('reading goes on while another connection writes', async () => {
    const sql = await openTable(driver);
    const other = await open(driver);
    other.exec("BEGIN IMMEDIATE; INSERT INTO t (b) VALUES ('x')");
    expect(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(0);
    other.exec('COMMIT');
    expect(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(1);
  });

  test('defects of our own SQL are defects', async () => {
    const sql = await openTable(driver);
    expect(() => sql.prepare('SELEC')).toThrow(Defect);
    expect(() => sql.exec('INSERT INTO t (b) VALUES (NULL)')).toThrow(Defect);
    expect(() => sql.prepare('INSERT INTO t (b, d) VALUES (?, ?)').run('x', 'y')).toThrow(Defect);
  });

  test.each<[string, readonly unknown[]]>([
    ['a truth value', [true]],
    ['undefined', [undefined]],
    ['not a number', [Number.NaN]],
    ['a text with a zero in it', ['a\0b']],
    ['an object', [{}]],
    ['too few values', []],
    ['too many values', ['a', 'b']],
  ])('%s is no value and never reaches the driver', async (_, values) => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
    expect(() => insert.run(...(values as SqlValue[]))).toThrow(Defect);
    expect(insert.run('x')).toBe(1);
  });

  test('a full database says so, and what it held is still there', async () => {
    const sql = await open(driver, { bytesMax: 128 * 1024 });
    sql.exec(SCHEMA);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
    let held = 0;
    const fill = (): void => {
      for (; held < 1_000; held += 1) insert.run(`${held}${'x'.repeat(4_000)}`);
    };
    expect(fill).toThrow('ENGINE_STORE_FULL');
    expect(held).toBeGreaterThan(10);
    expect(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(held);
    sql.exec('DELETE FROM t WHERE a < 10');
    expect(insert.run('x')).toBe(1);
  });

  test('a file that is no database says so', async () => {
    writeFileSync(join(folder, 'x.db'), 'no database, only words. '.repeat(500));
    await expect(open(driver)).rejects.toMatchObject({ code: 'ENGINE_STORE_CORRUPT' });
  });

  test('a file that cannot be opened says so', async () => {
    const path = join(folder, 'none', 'x.db');
    await expect(open(driver, { path })).rejects.toMatchObject({ code: 'ENGINE_STORE_FAILED' });
  });

  test('what was committed is there after a close; a closed one is not used', async () => {
    const sql = await openTable(driver);
    const insert = sql.prepare('INSERT INTO t (b) VALUES (?)');
    insert.run('x');
    sql.close();
    sql.close();
    expect(() => insert.run('y')).toThrow(Defect);
    const again = await open(driver);
    expect(
      again
        .prepare('SELECT b FROM t')
        .all()
        .map(({ b }) => b),
    ).toEqual(['x']);
  });
});
