/** The tables that a caller of `evaluate` hands over. Nothing is trusted, as with events. */
import type { ValueObject } from '../model/value.ts';
import { readEvent } from './evaluate-input.ts';
import type { InputProblem } from './evaluate-input.ts';
import type { ReferenceTable, ReferenceTables } from './reference-join.ts';

export interface ReadTables {
  readonly tables: ReferenceTables;
  readonly problems: readonly InputProblem[];
}

export function readTables(input: unknown): ReadTables {
  const tables = new Map<string, ReferenceTable>();
  const problems: InputProblem[] = [];
  const named = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  for (const [name, given] of named) {
    const table = readTable(given);
    if (table !== null) {
      tables.set(name, table);
      continue;
    }
    const message = `the table ${name} is not a key and a list of rows`;
    problems.push({ code: 'MQL_BAD_EVENTS', message });
  }
  return { tables, problems };
}

function readTable(given: unknown): ReferenceTable | null {
  if (typeof given !== 'object' || given === null) return null;
  const { key, rows } = given as { readonly key?: unknown; readonly rows?: unknown };
  if (typeof key !== 'string' || !Array.isArray(rows)) return null;
  const read = rows.map(readEvent);
  return { keyColumn: key, rows: read.filter((row): row is ValueObject => row !== null) };
}
