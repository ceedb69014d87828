/** Runs the query again for one of its groups only. */
import type { ValueObject } from '../src/model/value.ts';
import { fieldText } from './examples.ts';
import type { Explore } from './explore.ts';

/** Runs the query again for events with one value of a field, in one group if one is named. */
export async function narrowToValue(
  explore: Explore,
  choice: { readonly group: string | null; readonly field: string; readonly value: unknown },
  isOnly: boolean,
): Promise<string | null> {
  const running = explore.running.peek();
  if (running === null) return null;
  const { comparisonTo, narrowedQuery, queryWith } = await import('./narrow-query.ts');
  const keys = running.store.schema?.keys ?? [];
  const { group, field, value } = choice;
  const inGroup = group === null ? null : narrowedQuery(running.query, keys, rowOf(keys, group));
  const comparison = comparisonTo(value);
  if (comparison === null) return null;
  const condition = `${fieldText(field)} ${isOnly ? comparison : `!${comparison}`}`;
  const query = queryWith(inGroup ?? running.query, condition);
  if (query !== null) explore.ask(query);
  return query;
}

function rowOf(keys: readonly string[], groupId: string): ValueObject {
  const values = JSON.parse(groupId) as readonly (string | number | boolean | null)[];
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
}

/** `groupId` as the result's store makes it: the key's values as a JSON list. */
export async function narrowToGroup(explore: Explore, groupId: string): Promise<void> {
  const running = explore.running.peek();
  const keys = running?.store.schema?.keys ?? [];
  if (running === null || keys.length === 0) return;
  const { narrowedQuery } = await import('./narrow-query.ts');
  const query = narrowedQuery(running.query, keys, rowOf(keys, groupId));
  if (query !== null) explore.run(query);
}
