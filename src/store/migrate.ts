/**
 * Brings a database to this program's schema, forwards only. The number of steps taken is kept in
 * the file's `user_version`; a file that has seen more steps than this program knows is left alone.
 */
import { EngineError } from '../core/errors.ts';
import type { Sql } from './sql.ts';

export interface Migration {
  readonly name: string;
  /** Statements; run once, together with the step's number, or not at all. */
  readonly sql: string;
}

/** @throws EngineError `ENGINE_STORE_NEWER` */
export function migrate(sql: Sql, migrations: readonly Migration[]): void {
  const done = Number(sql.prepare('PRAGMA user_version').get()?.['user_version']);
  if (done > migrations.length) {
    const detail = `it has schema ${done}, this version of Squilla knows ${migrations.length}`;
    throw new EngineError('ENGINE_STORE_NEWER', detail);
  }
  for (let step = done; step < migrations.length; step += 1) {
    sql.transaction(() => {
      sql.exec((migrations[step] as Migration).sql);
      sql.exec(`PRAGMA user_version = ${step + 1}`);
    });
  }
}
