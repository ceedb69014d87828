/**
 * The one way to the embedded database: a small port over SQLite, filled by `node:sqlite` where
 * Node has it and by libsql elsewhere (open-sql.ts chooses). Everything is synchronous, on the
 * thread that opened it, and made for few and short transactions.
 *
 * What callers keep to, so that both drivers give the same answers: tables are STRICT and every
 * column has a type, integers are safe ones, SQL texts are constants and values only ever bound.
 */
import { assert } from '../core/assert.ts';
import { storeError } from './store-error.ts';

/** Booleans are 0 and 1, times are whole milliseconds. */
export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqlStatement {
  /** Number of rows that changed. Outside a transaction it is one by itself. */
  run(...values: readonly SqlValue[]): number;
  /** The first row. The driver may read all of them, so say LIMIT 1. */
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): SqlRow[];
}

/** @throws EngineError `ENGINE_STORE_…`, from any of these. */
export interface Sql {
  readonly driver: SqlDriverName;
  /** Several statements without values; for schemas. */
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  /**
   * Runs `body`, all of it or nothing; inside another one it becomes a part of that, and if it
   * fails the whole fails, also when somebody caught the error. `body` must not wait for anything.
   */
  transaction<T>(body: () => T): T;
  close(): void;
}

export type SqlDriverName = 'node:sqlite' | 'libsql';

/** What a driver has to give; it throws what it likes. */
export interface SqlDriver {
  readonly name: SqlDriverName;
  exec(sql: string): void;
  prepare(sql: string): SqlDriverStatement;
  close(): void;
}

export interface SqlDriverStatement {
  run(values: readonly SqlValue[]): number;
  all(values: readonly SqlValue[]): SqlRow[];
}

export function sqlOver(driver: SqlDriver): Sql {
  return new SqlDatabase(driver);
}

const WRITES = /^\s*(?:insert|update|delete|replace|with)\b/i;

class SqlDatabase implements Sql {
  readonly driver: SqlDriverName;
  readonly #driver: SqlDriver;
  #inTransaction = false;
  /** Why the transaction that is open cannot be committed. */
  #failure: { readonly error: unknown } | null = null;
  #isOpen = true;

  constructor(driver: SqlDriver) {
    this.driver = driver.name;
    this.#driver = driver;
  }

  exec(sql: string): void {
    this.#guarded(() => this.#driver.exec(sql));
  }

  prepare(sql: string): SqlStatement {
    const statement = this.#guarded(() => this.#driver.prepare(sql));
    const count = sql.split('?').length - 1;
    const guarded = <T>(values: readonly SqlValue[], body: () => T): T => {
      checkValues(values, count, sql);
      return this.#guarded(body);
    };
    // libsql leaves a write that failed half open, and then no transaction can commit; a rollback
    // ends it. So every write has a transaction around it.
    const write = <T>(body: () => T): T =>
      this.#inTransaction || !WRITES.test(sql) ? body() : this.transaction(body);
    const all = (values: readonly SqlValue[]): SqlRow[] =>
      write(() => guarded(values, () => statement.all(values)));
    return {
      run: (...values) => write(() => guarded(values, () => statement.run(values))),
      get: (...values) => all(values)[0],
      all: (...values) => all(values),
    };
  }

  transaction<T>(body: () => T): T {
    if (this.#inTransaction) return this.#part(body);
    this.exec('BEGIN IMMEDIATE');
    this.#inTransaction = true;
    try {
      const result = body();
      assert(!(result instanceof Promise), () => 'a transaction must not wait');
      // oxlint-disable-next-line typescript/only-throw-error -- it is what a part of it threw.
      if (this.#failure !== null) throw this.#failure.error;
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    } finally {
      this.#inTransaction = false;
      this.#failure = null;
    }
  }

  #part<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    // libsql keeps the file open while a statement lives, and with it the lock of a transaction.
    this.#rollback();
    this.#isOpen = false;
    this.#driver.close();
  }

  #rollback(): void {
    try {
      this.#driver.exec('ROLLBACK');
    } catch {
      // A full disk or a broken page has rolled back already; the first error tells more.
    }
  }

  #guarded<T>(body: () => T): T {
    // libsql would write on through statements of a closed database.
    assert(this.#isOpen, () => 'the database is closed');
    try {
      return body();
    } catch (error) {
      throw storeError(error);
    }
  }
}

/** A wrong type aborts the process in one driver, and a missing value is NULL in the other. */
function checkValues(values: readonly SqlValue[], count: number, sql: string): void {
  assert(values.length === count, () => `${values.length} values for ${count} places: ${sql}`);
  for (const value of values) {
    const isFit =
      value === null ||
      (typeof value === 'number' && !Number.isNaN(value)) ||
      (typeof value === 'string' && !value.includes('\0')) ||
      value instanceof Uint8Array;
    assert(isFit, () => `a ${typeof value} that SQLite cannot hold: ${sql}`);
  }
}
