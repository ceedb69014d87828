/**
 * What outlives a restart: one database file in the data directory, held by one engine at a time.
 * Without a directory everything works the same in memory and ends with the process.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { openSql } from './open-sql.ts';
import type { OpenSqlOptions, SyncPolicy } from './open-sql.ts';
import type { Sql, SqlDriverName } from './sql.ts';

export interface Store {
  readonly sql: Sql;
  /** For `/status` and the log. */
  readonly facts: StoreFacts;
  close(): void;
}

export interface StoreFacts {
  readonly driver: SqlDriverName;
  /** Null: in memory. */
  readonly path: string | null;
  readonly sync: SyncPolicy;
}

export interface OpenStoreOptions {
  readonly dataDir: string | null;
  readonly sync: SyncPolicy;
  readonly config: Config;
  /** Only this one; for tests. */
  readonly driver?: SqlDriverName;
}

/**
 * @throws EngineError `ENGINE_STORE_LOCKED` if another engine holds the directory, or another
 *   `ENGINE_STORE_…`.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { dataDir, sync, config, driver } = options;
  const shared = {
    sync,
    busyMs: config.storeBusyMs,
    bytesMax: config.storeBytesMax,
    ...(driver !== undefined && { driver }),
  };
  if (dataDir === null) {
    const sql = await openSql({ ...shared, path: ':memory:' });
    migrate(sql, MIGRATIONS);
    return { sql, facts: { driver: sql.driver, path: null, sync }, close: () => sql.close() };
  }
  makeDirectory(dataDir);
  const lock = await holdDirectory(dataDir, shared);
  try {
    const path = join(dataDir, 'squilla.db');
    const sql = await openSql({ ...shared, path });
    migrate(sql, MIGRATIONS);
    const close = (): void => {
      sql.close();
      lock.close();
    };
    return { sql, facts: { driver: sql.driver, path, sync }, close };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new EngineError('ENGINE_STORE_FAILED', detail, { cause: error });
  }
}

/**
 * Two engines on one directory would page twice. The lock is a transaction on a file of its own
 * that never ends: the system lets go of it when the process is gone, however that came, and
 * `squilla.db` stays readable for other programs meanwhile.
 */
async function holdDirectory(dataDir: string, shared: Omit<OpenSqlOptions, 'path'>): Promise<Sql> {
  const lock = await openSql({ ...shared, path: join(dataDir, 'engine.lock') });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof EngineError) || error.code !== 'ENGINE_STORE_LOCKED') throw error;
    throw new EngineError('ENGINE_STORE_LOCKED', `another engine uses ${dataDir}`);
  }
  return lock;
}
