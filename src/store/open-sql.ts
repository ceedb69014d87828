/** Opens the embedded database with the first driver there is. */
import { EngineError } from '../core/errors.ts';
import { openLibsql } from './libsql.ts';
import { openNodeSqlite } from './node-sqlite.ts';
import { sqlOver } from './sql.ts';
import type { Sql, SqlDriver, SqlDriverName } from './sql.ts';
import { storeError } from './store-error.ts';

/**
 * When a commit is safe. `full`: on the disk, a power failure takes nothing. `normal`: with the
 * operating system; the end of the process takes nothing, a power failure may take the last commits
 * but never breaks the file.
 */
export type SyncPolicy = 'full' | 'normal';

export interface OpenSqlOptions {
  /** `:memory:` for a database that ends with the process. */
  readonly path: string;
  readonly sync: SyncPolicy;
  /** Another writer is waited for this long. */
  readonly busyMs: number;
  /** The file grows no larger; then `ENGINE_STORE_FULL`. */
  readonly bytesMax: number;
  /** Only this one; for tests. */
  readonly driver?: SqlDriverName;
}

/** @throws EngineError `ENGINE_STORE_…` if the file cannot be used or no driver loads. */
export async function openSql(options: OpenSqlOptions): Promise<Sql> {
  const driver = await openDriver(options);
  const sql = sqlOver(driver);
  try {
    if (options.path !== ':memory:') sql.prepare('PRAGMA journal_mode = WAL').all();
    sql.exec(`PRAGMA synchronous = ${options.sync === 'full' ? 'FULL' : 'NORMAL'}`);
    sql.exec('PRAGMA foreign_keys = ON');
    limitSize(sql, options.bytesMax);
  } catch (error) {
    sql.close();
    throw error;
  }
  return sql;
}

async function openDriver({ path, busyMs, driver }: OpenSqlOptions): Promise<SqlDriver> {
  try {
    const builtIn = driver === 'libsql' ? null : openNodeSqlite(path, busyMs);
    return builtIn ?? (await openLibsql(path, busyMs));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw storeError(error);
    throw new EngineError('ENGINE_STORE_DRIVER', message, { cause: error });
  }
}

function limitSize(sql: Sql, bytesMax: number): void {
  const { page_size: pageBytes } = sql.prepare('PRAGMA page_size').get() ?? {};
  const pages = Math.max(1, Math.floor(bytesMax / Number(pageBytes)));
  sql.prepare(`PRAGMA max_page_count = ${pages}`).all();
}
