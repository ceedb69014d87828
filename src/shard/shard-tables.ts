/** The tables of this shard: what the coordinator sent last, ready to be looked up. */
import type { Interner } from '../model/batch.ts';
import { TableColumns } from '../operator/table-columns.ts';
import type { ShardInput } from './messages.ts';
import type { TableData } from '../operator/table-columns.ts';

export class ShardTables {
  readonly #interner: Interner;
  readonly #tables = new Map<string, TableColumns>();

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  /** From here on rows of the new version are found; those joined before stay as they are. */
  change(input: Extract<ShardInput, { type: 'table' | 'table-end' }>): void {
    if (input.type === 'table') this.#put(input.table);
    else this.#tables.delete(input.name);
  }

  #put(table: TableData): void {
    const known = this.#tables.get(table.name);
    if (known !== undefined && known.version >= table.version) return;
    this.#tables.set(table.name, new TableColumns(table, this.#interner));
  }

  get(name: string): TableColumns | null {
    return this.#tables.get(name) ?? null;
  }

  *stringIds(): Iterable<number> {
    for (const table of this.#tables.values()) yield* table.stringIds();
  }
}
