/**
 * What the analyzer may ask about the world: which streams there are and which fields their events
 * had. A port: the engine answers from its live catalogue, `evaluate` from the given events, an
 * editor from whatever it last heard.
 */
import type { ColumnType } from '../ir/plan.ts';

export interface FieldCatalogue {
  /** Names of the streams known now. */
  streams(): readonly string[];
  /** Fields seen in a stream, nested ones by their dotted path; none for an unknown stream. */
  fields(stream: string): readonly CatalogueField[];
  /** A table of that name; null: there is none. Left out: nobody knows of tables. */
  table?(name: string): CatalogueTable | null;
  tables?(): readonly string[];
}

export interface CatalogueTable {
  /** Joins find rows by this column. */
  readonly keyColumn: string;
  readonly fields: readonly CatalogueField[];
}

export interface CatalogueField {
  readonly name: string;
  /** `any`: seen with several types. */
  readonly type: ColumnType;
  /** The services that have it do not give it. */
  readonly isDenied?: boolean;
}
