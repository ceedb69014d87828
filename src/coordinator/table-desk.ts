/**
 * The tables that joins look up, as the coordinator knows them: what planning may ask, and what a
 * shard must be told when it comes up. Every replacement has a new version and takes effect in a
 * shard when it arrives there: events evaluated after that find the new rows, all of them at once.
 * Shards say when that was, so that a window which may have met two versions can say it.
 */
import type { CatalogueField, CatalogueTable, FieldCatalogue } from '../analyze/field-catalogue.ts';
import { valueType } from '../analyze/infer-type.ts';
import { tablesOf } from '../ir/join.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { TableData } from '../operator/table-columns.ts';
import type { TableHeld } from '../shard/messages.ts';
import type { CoordinatorEffect } from './messages.ts';

/** A new table or a new version of one; or its end. */
export type TableInput =
  | { readonly type: 'put-table'; readonly table: TableData }
  | { readonly type: 'remove-table'; readonly name: string };

interface HeldTable {
  readonly data: TableData;
  readonly known: CatalogueTable;
  /** Shards that may still find the version before. */
  readonly awaited: Set<number>;
  /** Engine clock when the last of them found this one; -Infinity: there was none before. */
  settledMs: number;
}

/** A table as results speak of it. */
export interface TableStanding {
  readonly version: number;
  /** Up to here on the engine's clock some shard may have found the version before. */
  readonly settledMs: number;
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

  standing(name: string, nowMs: number): TableStanding | null {
    const held = this.#tables.get(name);
    if (held === undefined) return null;
    const settledMs = held.awaited.size > 0 ? nowMs : held.settledMs;
    return { version: held.data.version, settledMs };
  }

  /** What the shards that are up must hear of it. */
  change(input: TableInput, shards: Iterable<number>, nowMs: number): CoordinatorEffect {
    if (input.type === 'remove-table') return this.#remove(input.name);
    const data = input.table;
    const before = this.#tables.get(data.name);
    const isChange = before !== undefined && before.data.version !== data.version;
    this.#tables.set(data.name, {
      ...{ data, known: knownOf(data), awaited: new Set(isChange ? shards : []) },
      settledMs: isChange ? nowMs : (before?.settledMs ?? -Infinity),
    });
    return { type: 'to-all-shards', message: { type: 'table', table: data } };
  }

  /** From here on a shard finds that version. */
  held(shard: number, { name, version }: TableHeld, nowMs: number): void {
    const held = this.#tables.get(name);
    if (held?.data.version === version) this.#settle(held, shard, nowMs);
  }

  /** A shard that is gone finds nothing. */
  lost(shard: number, nowMs: number): void {
    for (const held of this.#tables.values()) this.#settle(held, shard, nowMs);
  }

  #settle(held: HeldTable, shard: number, nowMs: number): void {
    if (held.awaited.delete(shard)) held.settledMs = nowMs;
  }

  #remove(name: string): CoordinatorEffect {
    this.#tables.delete(name);
    return { type: 'to-all-shards', message: { type: 'table-end', name } };
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
  return tablesOf(join).includes(name);
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
