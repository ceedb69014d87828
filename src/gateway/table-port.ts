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
  get(name: string): TableView | null;
  rows(name: string, max: number): readonly ValueObject[];
  /** @throws EngineError `ENGINE_BAD_TABLE`, `LIMIT_TABLES`, `ENGINE_TABLE_IN_USE` */
  put(given: PutTable): { readonly view: TableView; readonly isNew: boolean };
  /** False: there is none. @throws EngineError `ENGINE_TABLE_IN_USE` */
  remove(name: string): boolean;
}
