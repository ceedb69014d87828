/**
 * Tables of joins: read, checked, written down, and only then handed to the engine, so that what
 * queries find survives a restart. A replacement is whole or does not happen.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../core/errors.ts';
import type { CoordinatorInput } from '../coordinator/messages.ts';
import type { Engine } from '../coordinator/engine.ts';
import { readsTable } from '../coordinator/table-desk.ts';
import { createRng, randomSeed } from '../core/rng.ts';
import type {
  PutTable,
  PutTableSource,
  TablePort,
  TablePutAnswer,
  TableView,
} from '../gateway/table-port.ts';
import { isTableName, readTable } from '../model/read-table.ts';
import { groupKeyPart } from '../model/group-key.ts';
import { memberOf } from '../model/value-equality.ts';
import type { ValueObject } from '../model/value.ts';
import type { Logger } from '../observe/logger.ts';
import type { HttpSend } from '../outbound/http-exchange.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { JoinTables, StoredTable } from '../store/join-tables.ts';
import { urlMistake } from '../store/table-source.ts';
import type { TableSource } from '../store/table-source.ts';
import type { TableOption } from './engine-options.ts';
import { TableFeeds } from './table-feeds.ts';
import { fetchTable } from './table-fetch.ts';
import type { Fetched, FetchParts } from './table-fetch.ts';

export interface TableServiceParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly store: JoinTables;
  readonly handle: (input: CoordinatorInput) => void;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly http: HttpSend;
  /** Tables of `squilla.yaml`, by name. */
  readonly configured: ReadonlyMap<string, TableSource>;
  /** Sources named over the API may be at private addresses. */
  readonly allowPrivate: boolean;
}

export class TableService implements TablePort {
  readonly #parts: TableServiceParts;
  readonly #tables = new Map<string, StoredTable>();
  readonly #counts = new WeakMap<TableData, KeyCounts>();
  readonly #feeds: TableFeeds;
  readonly #fetch: FetchParts;

  /** Tables of the store are known from here on. */
  constructor(parts: TableServiceParts) {
    this.#parts = parts;
    const { allowPrivate, clock, config, configured, http, log, store } = parts;
    this.#fetch = { config, http, allowPrivate };
    this.#feeds = new TableFeeds({
      ...{ config, http, allowPrivate, clock, log, rng: createRng(randomSeed()) },
      apply: (name, fetched, source) => this.#apply(name, fetched, source),
    });
    for (const stored of store.all()) this.#restore(stored);
    for (const [name, source] of configured) this.#feeds.add(name, source);
  }

  /**
   * Sources are asked from here on. Done when those of which no rows are kept have had their
   * chance: rules and queries that are planned next shall find them.
   */
  async start(): Promise<void> {
    const isMissing = [...this.#feeds.names()].some((name) => !this.#tables.has(name));
    const first = this.#feeds.firstRound();
    if (isMissing) await Promise.race([first, delay(this.#parts.config.tableFetchMs)]);
    this.#feeds.start();
  }

  /** What is still being asked is heard no more. */
  stop(): void {
    this.#feeds.stop();
  }

  list(): readonly TableView[] {
    const names = new Set([...this.#tables.keys(), ...this.#feeds.names()]);
    return [...names].toSorted().flatMap((name) => this.get(name) ?? []);
  }

  summary(): { readonly count: number; readonly failing: readonly string[] } {
    const failing = [...this.#feeds.names()].filter((name) => this.#feeds.get(name)?.error != null);
    return { count: this.#tables.size, failing: failing.toSorted() };
  }

  /** One whose source has not given anything yet has version 0. */
  get(name: string): TableView | null {
    const stored = this.#tables.get(name);
    if (stored !== undefined) return this.#view(stored);
    const feed = this.#feeds.get(name);
    if (feed === null) return null;
    const { author, source } = { author: authorOf(feed.source), source: feed.source };
    const data = { name, version: 0, keyColumn: source.key ?? '', rows: [] };
    return this.#view({ data, author, atMs: 0, source });
  }

  rows(name: string, max: number): readonly ValueObject[] {
    return this.#tables.get(name)?.data.rows.slice(0, max) ?? [];
  }

  put(given: PutTable): TablePutAnswer {
    this.#refuseConfigured(given.name);
    const answer = this.#replace(given, null);
    this.#feeds.remove(given.name);
    return answer;
  }

  async putSource(given: PutTableSource): Promise<TablePutAnswer> {
    const { author, name } = given;
    this.#refuseConfigured(name);
    this.#checkName(name, !this.#tables.has(name));
    const source = sourceOf(given, this.#parts.config);
    const fetched = await fetchTable(source, null, this.#fetch);
    if (fetched.kind !== 'text') {
      const reason = fetched.kind === 'failed' ? fetched.reason : 'it gave nothing';
      throw new EngineError('ENGINE_TABLE_SOURCE', reason);
    }
    const { format, text, validators } = fetched;
    const { isNew } = this.#replace({ name, format, text, key: given.key, author }, source);
    this.#feeds.add(name, source).confirmed(validators, this.#parts.clock.now());
    return { view: this.#view(this.#tables.get(name) as StoredTable), isNew };
  }

  /** False: there is no such table. */
  remove(name: string): boolean {
    if (this.get(name) === null) return false;
    this.#refuseConfigured(name);
    this.#refuseUsed(name);
    this.#forget(name);
    this.#feeds.remove(name);
    return true;
  }

  #restore(stored: StoredTable): void {
    const { data, source } = stored;
    const { configured, handle, store } = this.#parts;
    const isConfigured = configured.has(data.name);
    if (source?.from === 'config' && !isConfigured) {
      // It stands in the file no more.
      store.remove(data.name);
      return;
    }
    this.#tables.set(data.name, stored);
    handle({ type: 'put-table', table: data });
    if (source?.from === 'api' && !isConfigured) this.#feeds.add(data.name, source);
  }

  #forget(name: string): void {
    this.#parts.store.remove(name);
    this.#tables.delete(name);
    this.#parts.handle({ type: 'remove-table', name });
  }

  #refuseConfigured(name: string): void {
    if (!this.#parts.configured.has(name)) return;
    throw new EngineError('ENGINE_IN_FILE', `the table ${name} is named in squilla.yaml`);
  }

  #apply(name: string, fetched: Extract<Fetched, { kind: 'text' }>, source: TableSource): void {
    const author = this.#tables.get(name)?.author ?? authorOf(source);
    const { format, text } = fetched;
    this.#replace({ name, format, text, key: source.key, author }, source);
  }

  /** What is the same as before keeps its version if a source says it again. */
  #replace(given: PutTable, source: TableSource | null): TablePutAnswer {
    const { config, clock, handle, store } = this.#parts;
    const { author, name } = given;
    const before = this.#tables.get(name);
    this.#checkName(name, before === undefined);
    const rows = this.#read(given);
    const keyColumn = keyOf(given, rows);
    const json = JSON.stringify(rows);
    if (json.length > config.tableBytesMax) {
      throw new EngineError('LIMIT_TABLES', `more than ${config.tableBytesMax} bytes of rows`);
    }
    const isSame =
      source !== null &&
      before?.data.keyColumn === keyColumn &&
      JSON.stringify(before.data.rows) === json;
    if (isSame && JSON.stringify(before.source) === JSON.stringify(source)) {
      return { view: this.#view(before), isNew: false };
    }
    if (before !== undefined && before.data.keyColumn !== keyColumn) this.#refuseUsed(name);
    const version = (before?.data.version ?? 0) + (isSame ? 0 : 1);
    const stored: StoredTable = {
      data: { name, version, keyColumn, rows },
      ...{ author, source, atMs: Math.floor(clock.now()) },
    };
    store.put(stored);
    this.#tables.set(name, stored);
    handle({ type: 'put-table', table: stored.data });
    return { view: this.#view(stored), isNew: before === undefined };
  }

  /** Counted once: a table may be long, and lists of tables are asked for often. */
  #countsOf(data: TableData): KeyCounts {
    const known = this.#counts.get(data);
    if (known !== undefined) return known;
    const counts = keyCounts(data);
    this.#counts.set(data, counts);
    return counts;
  }

  #checkName(name: string, isNew: boolean): void {
    const { tablesMax } = this.#parts.config;
    if (!isTableName(name)) {
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
    const { duplicates, withoutKey } = this.#countsOf(data);
    const columns = this.#parts.engine.tables.known(name)?.fields ?? [];
    return {
      name,
      version,
      key: keyColumn,
      columns,
      rows: rows.length,
      duplicates,
      withoutKey,
      author,
      atMs,
      queries: this.#queriesOf(name),
      source: this.#feeds.get(name)?.view() ?? null,
    };
  }
}

interface KeyCounts {
  readonly duplicates: number;
  readonly withoutKey: number;
}

function keyCounts({ keyColumn, rows }: TableData): KeyCounts {
  const keys = new Set<string>();
  let withoutKey = 0;
  for (const row of rows) {
    const key = memberOf(row, keyColumn);
    if (key === null) withoutKey += 1;
    else keys.add(groupKeyPart(key));
  }
  return { withoutKey, duplicates: rows.length - withoutKey - keys.size };
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

function authorOf({ from }: TableSource): string {
  return from === 'config' ? 'squilla.yaml' : 'anonymous';
}

/** @throws EngineError `ENGINE_BAD_REQUEST` */
function sourceOf({ format, key, refreshMs, url }: PutTableSource, config: Config): TableSource {
  const wrong = urlMistake(url);
  if (wrong !== null) throw new EngineError('ENGINE_BAD_REQUEST', wrong);
  return {
    ...{ kind: 'url', location: url, format, key, from: 'api', tokenFile: null },
    refreshMs: refreshMs ?? config.tableRefreshMs,
  };
}

/** Of `squilla.yaml`. */
export function configuredSources(
  tables: readonly TableOption[],
  { tableRefreshMs }: Pick<Config, 'tableRefreshMs'>,
): ReadonlyMap<string, TableSource> {
  const sources = tables.map(({ name, refreshMs, ...rest }): [string, TableSource] => {
    return [name, { ...rest, from: 'config', refreshMs: refreshMs ?? tableRefreshMs }];
  });
  return new Map(sources);
}
