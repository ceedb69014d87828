/** What the gateway asks about tables of joins; the main module answers. */
import type { CatalogueField } from '../analyze/field-catalogue.ts';
import type { TableFormat } from '../model/read-table.ts';
import type { ValueObject } from '../model/value.ts';

/** A table as the API shows it; JSON-safe. */
export interface TableView {
  readonly name: string;
  readonly version: number;
  readonly key: string;
  readonly columns: readonly CatalogueField[];
  readonly rows: number;
  /** Rows that a later one with the same key hides. */
  readonly duplicates: number;
  /** Rows that nothing finds. */
  readonly withoutKey: number;
  readonly author: string;
  readonly atMs: number;
  /** Running queries that look it up. */
  readonly queries: readonly string[];
  /** Null: somebody put the rows there. */
  readonly source: TableSourceView | null;
}

/** Where a table's rows come from, and how that goes. */
export interface TableSourceView {
  readonly kind: 'file' | 'url';
  /** Without what follows `?` in an address: it may hold a secret. */
  readonly location: string;
  readonly from: 'config' | 'api';
  readonly refreshMs: number;
  /** When the source last confirmed the rows; null: not since the engine started. */
  readonly checkedAtMs: number | null;
  /** Attempts that failed since. */
  readonly failures: number;
  /** What the last one failed of; null: it did not. */
  readonly error: string | null;
}

/** A table to be fetched, at once and again and again. */
export interface PutTableSource {
  readonly name: string;
  /** Of http or https. */
  readonly url: string;
  /** Null: what the server or the ending of the address says. */
  readonly format: TableFormat | null;
  /** Null: the first column. */
  readonly key: string | null;
  /** Null: `tableRefreshMs`. */
  readonly refreshMs: number | null;
  readonly author: string;
}

export interface TablePutAnswer {
  readonly view: TableView;
  readonly isNew: boolean;
}

export interface PutTable {
  readonly name: string;
  readonly format: TableFormat;
  readonly text: string;
  /** Null: the first column. */
  readonly key: string | null;
  readonly author: string;
}

export interface TablePort {
  list(): readonly TableView[];
  /** How many tables there are, and those whose source does not give them at present. */
  summary(): { readonly count: number; readonly failing: readonly string[] };
  get(name: string): TableView | null;
  rows(name: string, max: number): readonly ValueObject[];
  /**
   * @throws EngineError `ENGINE_BAD_TABLE`, `LIMIT_TABLES`, `ENGINE_TABLE_IN_USE`,
   *   `ENGINE_IN_FILE`
   */
  put(given: PutTable): TablePutAnswer;
  /**
   * Fetches it first; what cannot be fetched is not taken.
   * @throws EngineError as `put`, `ENGINE_TABLE_SOURCE`
   */
  putSource(given: PutTableSource): Promise<TablePutAnswer>;
  /** False: there is none. @throws EngineError `ENGINE_TABLE_IN_USE`, `ENGINE_IN_FILE` */
  remove(name: string): boolean;
}
