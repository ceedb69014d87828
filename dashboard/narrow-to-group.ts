/** Runs the query again for one of its groups only. */
import type { Explore } from './explore.ts';

/** `groupId` as the result's store makes it: the key's values as a JSON list. */
export async function narrowToGroup(explore: Explore, groupId: string): Promise<void> {
  const running = explore.running.peek();
  const keys = running?.store.schema?.keys ?? [];
  if (running === null || keys.length === 0) return;
  const values = JSON.parse(groupId) as readonly (string | number | boolean | null)[];
  const row = Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
  const { narrowedQuery } = await import('./narrow-query.ts');
  const query = narrowedQuery(running.query, keys, row);
  if (query !== null) explore.run(query);
}
