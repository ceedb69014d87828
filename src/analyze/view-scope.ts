/**
 * What the analyzer asks about saved queries that stand in FROM. A port: planning answers it, for
 * only there is a view's own text planned.
 */
import type { CatalogueField } from './field-catalogue.ts';

export interface ViewScope {
  names(): readonly string[];
  /** Null: no saved query has this name, so it is a stream's. */
  resolve(name: string): ViewSource | null;
}

export type ViewSource =
  | {
      readonly kind: 'view';
      /** The inner stream that carries its rows. */
      readonly stream: string;
      /** Its result columns, which are the fields of its events. */
      readonly fields: readonly CatalogueField[];
      /** What its own text warns of, which its readers should know, too. */
      readonly warnings: readonly string[];
    }
  | ViewFault;

export interface ViewFault {
  readonly kind: 'fault';
  readonly code: 'MQL_BAD_VIEW' | 'MQL_VIEW_CYCLE';
  readonly message: string;
  readonly hint: string;
}
