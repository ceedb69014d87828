/** The values that a variable offers: those that are written down, and those that a query sees. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { BoardVariable } from '../../src/board/board.ts';
import type { Value } from '../../src/model/value.ts';
import type { Connection } from '../connection.ts';
import { VARIABLE_VALUES_MAX } from '../limits.ts';
import { ResultStore } from '../result-store.ts';

/** Text → value, in the order in which they are offered. */
export type OfferedValues = ReadonlyMap<string, Value>;

/** Follows the query while the board is shown; a value that was seen stays. */
export function useVariableValues(connection: Connection, variable: BoardVariable): OfferedValues {
  const { values, query } = variable;
  const offered = useSignal<OfferedValues>(written(values));
  useEffect(() => {
    offered.value = written(values);
    if (query === null) return undefined;
    const store = new ResultStore();
    const subscription = connection.subscribe(query, {}, (message) => {
      store.apply(message);
      if (message.type === 'rows') offered.value = withSeen(offered.peek(), seenIn(store));
    });
    return () => subscription.close();
  }, [query, values.join('\n')]);
  return offered.value;
}

function written(values: readonly string[]): OfferedValues {
  return new Map(values.map((value) => [value, value]));
}

/** Of the first column: the group's key, or the first that was selected. */
function seenIn(store: ResultStore): readonly Value[] {
  const [first = ''] = store.schema?.keys.length ? store.schema.keys : store.tableColumns;
  const rows = store.shape === 'events' ? store.events : (store.newest?.rows ?? []);
  return rows.map((row) => row[first] ?? null);
}

export function withSeen(known: OfferedValues, seen: readonly Value[]): OfferedValues {
  const found = new Map(known);
  for (const value of seen) {
    if (value === null || typeof value === 'object') continue;
    const text = String(value);
    if (text !== '' && !found.has(text) && found.size < VARIABLE_VALUES_MAX) found.set(text, value);
  }
  if (found.size === known.size) return known;
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
