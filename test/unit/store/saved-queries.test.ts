/** Saved queries outlive the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { openSavedQueries } from '../../../src/store/saved-queries.ts';
import type { SavedQuery } from '../../../src/store/saved-queries.ts';
import { openStore } from '../../../src/store/store.ts';

const QUERY: SavedQuery = {
  name: 'größe',
  text: "select 'é\n' as x",
  params: { a: [1, { b: null }], c: "it's" },
  description: '',
  keep: true,
  owner: 'ada',
  version: 1,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_001,
  updatedBy: 'bob',
};

test('what was put is there after a restart, what was removed is not', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'squilla-saved-'));
  try {
    const options = { dataDir, sync: 'normal', config: DEFAULTS } as const;
    const first = await openStore(options);
    const saved = openSavedQueries(first.sql);
    saved.put(QUERY);
    saved.put({ ...QUERY, name: 'a' });
    saved.put({ ...QUERY, name: 'a', version: 2 });
    saved.put({ ...QUERY, name: 'gone' });
    saved.remove('gone');
    first.close();
    const second = await openStore(options);
    const again = openSavedQueries(second.sql);
    expect(again.all()).toEqual([{ ...QUERY, name: 'a', version: 2 }, QUERY]);
    expect(again.get('gone')).toBeUndefined();
    second.close();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
