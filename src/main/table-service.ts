/**
 * Tables of joins: read, checked, written down, and only then handed to the engine, so that what
 * queries find survives a restart. A replacement is whole or does not happen.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import type { CoordinatorInput } from '../coordinator/messages.ts';
import type { Engine } from '../coordinator/engine.ts';
import { readsTable } from '../coordinator/table-desk.ts';
import type { PutTable, TablePort, TableView } from '../gateway/table-port.ts';
import { readTable } from '../model/read-table.ts';
import { groupKeyPart } from '../model/group-key.ts';
import { memberOf } from '../model/value-equality.ts';
import type { ValueObject } from '../model/value.ts';
import type { JoinTables, StoredTable } from '../store/join-tables.ts';

export interface TableServiceParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly store: JoinTables;
  readonly handle: (input: CoordinatorInput) => void;
}

const NAME = /^[\p{L}_][\p{L}\p{Nd}_.:-]{0,127}$/u;

export class TableService implements TablePort {
  readonly #parts: TableServiceParts;
  readonly #tables = new Map<string, StoredTable>();

  /** Tables of the store are known from here on. */
  constructor(parts: TableServiceParts) {
    this.#parts = parts;
    for (const stored of parts.store.all()) {
      this.#tables.set(stored.data.name, stored);
      parts.handle({ type: 'put-table', table: stored.data });
    }
  }

  list(): readonly TableView[] {
    return [...this.#tables.values()].map((stored) => this.#view(stored));
  }

  get(name: string): TableView | null {
    const stored = this.#tables.get(name);
    return stored === undefined ? null : this.#view(stored);
  }

  rows(name: string, max: number): readonly ValueObject[] {
    return this.#tables.get(name)?.data.rows.slice(0, max) ?? [];
  }

  put(given: PutTable): { readonly view: TableView; readonly isNew: boolean } {
    const { config, clock, handle, store } = this.#parts;
    const { author, name } = given;
    const before = this.#tables.get(name);
    this.#checkName(name, before === undefined);
    const rows = this.#read(given);
    const keyColumn = keyOf(given, rows);
    if (before !== undefined && before.data.keyColumn !== keyColumn) this.#refuseUsed(name);
    const version = (before?.data.version ?? 0) + 1;
    const stored: StoredTable = {
      data: { name, version, keyColumn, rows },
      author,
      atMs: Math.floor(clock.now()),
    };
    if (JSON.stringify(rows).length > config.tableBytesMax) {
      throw new EngineError('LIMIT_TABLES', `more than ${config.tableBytesMax} bytes of rows`);
    }
    store.put(stored);
    this.#tables.set(name, stored);
    handle({ type: 'put-table', table: stored.data });
    return { view: this.#view(stored), isNew: before === undefined };
  }

  /** False: there is no such table. */
  remove(name: string): boolean {
    if (!this.#tables.has(name)) return false;
    this.#refuseUsed(name);
    this.#parts.store.remove(name);
    this.#tables.delete(name);
    this.#parts.handle({ type: 'remove-table', name });
    return true;
  }

  #checkName(name: string, isNew: boolean): void {
    const { tablesMax } = this.#parts.config;
    if (!NAME.test(name)) {
      const detail = 'a name is a letter, then up to 127 letters, digits or `_ . : -`';
      throw new EngineError('ENGINE_BAD_TABLE', detail);
    }
    if (isNew && this.#tables.size >= tablesMax) {
      throw new EngineError('LIMIT_TABLES', `${tablesMax} tables are there`);
    }
  }

  #read({ format, text }: PutTable): readonly ValueObject[] {
    const { fieldsMax, tableRowsMax } = this.#parts.config;
    const read = readTable(text, format, { rowsMax: tableRowsMax, columnsMax: fieldsMax });
    if (read.ok) return read.value;
    const { line, message } = read.error;
    const detail = line === null ? message : `line ${line}: ${message}`;
    throw new EngineError('ENGINE_BAD_TABLE', detail, { data: { line } });
  }

  #refuseUsed(name: string): void {
    const users = this.#queriesOf(name);
    if (users.length === 0) return;
    const detail = `${users.length === 1 ? 'a query reads' : `${users.length} queries read`} it`;
    throw new EngineError('ENGINE_TABLE_IN_USE', detail, { data: { queries: users } });
  }

  #queriesOf(name: string): readonly string[] {
    const pipelines = [...this.#parts.engine.pipelines.values()];
    return pipelines.filter(({ plan }) => readsTable(plan, name)).map(({ id }) => id);
  }

  #view({ atMs, author, data }: StoredTable): TableView {
    const { keyColumn, name, rows, version } = data;
    const keys = new Set<string>();
    let withoutKey = 0;
    for (const row of rows) {
      const key = memberOf(row, keyColumn);
      if (key === null) withoutKey += 1;
      else keys.add(groupKeyPart(key));
    }
    const columns = this.#parts.engine.tables.known(name)?.fields ?? [];
    return {
      name,
      version,
      key: keyColumn,
      columns,
      rows: rows.length,
      duplicates: rows.length - withoutKey - keys.size,
      withoutKey,
      author,
      atMs,
      queries: this.#queriesOf(name),
    };
  }
}

/** The column that was named, else the first of the first row. */
function keyOf({ key }: PutTable, rows: readonly ValueObject[]): string {
  const [first] = Object.keys(rows[0] ?? {});
  const keyColumn = key ?? first;
  if (keyColumn === undefined) {
    throw new EngineError('ENGINE_BAD_TABLE', 'an empty table needs the name of its key column');
  }
  if (rows.length > 0 && rows.every((row) => memberOf(row, keyColumn) === null)) {
    throw new EngineError('ENGINE_BAD_TABLE', `no row has the key column \`${keyColumn}\``);
  }
  return keyColumn;
}
