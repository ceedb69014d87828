/**
 * The tables that joins look up, as the coordinator knows them: what planning may ask, and what a
 * shard must be told when it comes up. Every replacement has a new version and takes effect in a
 * shard when it arrives there: events evaluated after that find the new rows, all of them at once.
 */
import type { CatalogueField, CatalogueTable, FieldCatalogue } from '../analyze/field-catalogue.ts';
import { valueType } from '../analyze/infer-type.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { ShardInput } from '../shard/messages.ts';
import type { CoordinatorEffect } from './messages.ts';

/** A new table or a new version of one; or its end. */
export type TableInput =
  | { readonly type: 'put-table'; readonly table: TableData }
  | { readonly type: 'remove-table'; readonly name: string };

interface HeldTable {
  readonly data: TableData;
  readonly known: CatalogueTable;
}

export class TableDesk {
  readonly #tables = new Map<string, HeldTable>();

  /** For planning. */
  asCatalogue(): Required<Pick<FieldCatalogue, 'table' | 'tables'>> {
    return {
      tables: () => [...this.#tables.keys()].toSorted(),
      table: (name) => this.known(name),
    };
  }

  get(name: string): TableData | null {
    return this.#tables.get(name)?.data ?? null;
  }

  known(name: string): CatalogueTable | null {
    return this.#tables.get(name)?.known ?? null;
  }

  /** What shards must hear of it. */
  change(input: TableInput): ShardInput {
    return input.type === 'put-table' ? this.#put(input.table) : this.#remove(input.name);
  }

  #put(data: TableData): ShardInput {
    this.#tables.set(data.name, { data, known: knownOf(data) });
    return { type: 'table', table: data };
  }

  #remove(name: string): ShardInput {
    this.#tables.delete(name);
    return { type: 'table-end', name };
  }

  /** What a shard that knows nothing must hear before any plan. */
  greet(shard: number): CoordinatorEffect[] {
    return [...this.#tables.values()].map(({ data }) => {
      return { type: 'to-shard', shard, message: { type: 'table', table: data } };
    });
  }
}

/** Whether a plan looks the table up. */
export function readsTable({ join }: QueryPlan, name: string): boolean {
  return join?.steps.some((step) => step.kind === 'table' && step.table === name) ?? false;
}

function knownOf({ keyColumn, rows }: TableData): CatalogueTable {
  const fields = new Map<string, CatalogueField>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (value === null && fields.has(name)) continue;
      const type = valueType(value);
      const known = fields.get(name)?.type ?? type;
      fields.set(name, { name, type: known === type ? type : 'any' });
    }
  }
  return { keyColumn, fields: [...fields.values()] };
}
