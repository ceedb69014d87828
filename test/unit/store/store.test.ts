import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openSql } from '../../../src/store/open-sql.ts';
import type { Sql } from '../../../src/store/sql.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squilla-store-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(dataDir: string | null): Promise<Store> {
  const config = { ...DEFAULTS, storeBusyMs: 10 };
  return openStore({ dataDir, sync: 'full', config });
}

describe('migrations', () => {
  const STEPS = [
    { name: 'first', sql: 'CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1)' },
    { name: 'second', sql: 'CREATE TABLE two (a INTEGER) STRICT' },
  ];
  let sql: Sql;

  beforeEach(async () => {
    sql = await openSql({ path: ':memory:', sync: 'full', busyMs: 0, bytesMax: 2 ** 20 });
  });
  afterEach(() => sql.close());

  const version = (): unknown => sql.prepare('PRAGMA user_version').get()?.['user_version'];

  test('each step runs once', () => {
    migrate(sql, STEPS.slice(0, 1));
    migrate(sql, STEPS);
    migrate(sql, STEPS);
    expect(version()).toBe(2);
    expect(sql.prepare('SELECT a FROM one').all()).toHaveLength(1);
  });

  test('a step that fails leaves the schema as it was', () => {
    const broken = { name: 'broken', sql: 'CREATE TABLE three (a INTEGER) STRICT; SELEC' };
    expect(() => migrate(sql, [...STEPS, broken])).toThrow('syntax');
    expect(version()).toBe(2);
    expect(() => sql.prepare('SELECT * FROM three')).toThrow('three');
  });

  test('a newer schema is left alone', () => {
    migrate(sql, STEPS);
    expect(() => migrate(sql, STEPS.slice(0, 1))).toThrow('ENGINE_STORE_NEWER');
    expect(version()).toBe(2);
  });
});

describe('the data directory', () => {
  test('is made, for its owner only', async () => {
    const dataDir = join(folder, 'a', 'b');
    const store = await open(dataDir);
    expect(store.facts).toMatchObject({ path: join(dataDir, 'squilla.db'), sync: 'full' });
    // oxlint-disable-next-line no-bitwise -- that is how modes are read.
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    store.close();
  });

  test('belongs to one engine at a time', async () => {
    const store = await open(folder);
    await expect(open(folder)).rejects.toMatchObject({ code: 'ENGINE_STORE_LOCKED' });
    store.close();
    (await open(folder)).close();
  });

  test('of a newer version is refused, and free again', async () => {
    const store = await open(folder);
    store.sql.exec('PRAGMA user_version = 10000');
    store.close();
    await expect(open(folder)).rejects.toMatchObject({ code: 'ENGINE_STORE_NEWER' });
    await expect(open(folder)).rejects.toMatchObject({ code: 'ENGINE_STORE_NEWER' });
  });

  test('that cannot be made says so', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(open(join(file, 'below'))).rejects.toMatchObject({ code: 'ENGINE_STORE_FAILED' });
  });

  test('without one the store is in memory', async () => {
    const store = await open(null);
    expect(store.facts.path).toBeNull();
    store.close();
  });
});
