/** Tables: made, sent to shards, looked up, replaced, kept over restarts; and what is refused. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { Engine } from '../../../src/coordinator/engine.ts';
import type { CoordinatorInput } from '../../../src/coordinator/messages.ts';
import { EngineError } from '../../../src/core/errors.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { TableService } from '../../../src/main/table-service.ts';
import { exchangeHttp } from '../../../src/outbound/http-exchange.ts';
import { JoinTables } from '../../../src/store/join-tables.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'squilla-tables-'));
  folders.push(made);
  return made;
}

interface Rig {
  readonly service: TableService;
  readonly engine: Engine;
  readonly store: Store;
  /** Messages to shards. */
  readonly sent: unknown[];
}

async function rigOver(dataDir: string | null, config = DEFAULTS): Promise<Rig> {
  const store = await openStore({ dataDir, sync: 'normal', config });
  const engine = new Engine({ config, incarnation: 'x', nowMs: 0 });
  const sent: unknown[] = [];
  const handle = (input: CoordinatorInput): void => {
    for (const effect of engine.handle(input, 1_000)) {
      if (effect.type === 'to-all-shards' || effect.type === 'to-shard') sent.push(effect.message);
    }
  };
  const parts = {
    ...{ config, clock: systemClock, engine, store: new JoinTables(store.sql), handle },
    ...{ log: { info: () => {}, warn: () => {} }, http: exchangeHttp, allowPrivate: false },
    configured: new Map(),
  };
  return { service: new TableService(parts), engine, store, sent };
}

const CSV = { name: 'titles', format: 'csv', key: 'id', author: 'me' } as const;

function codeOf(body: () => unknown): string | null {
  try {
    body();
    return null;
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
}

describe('tables', () => {
  it('are there after a restart, under the version they had', async () => {
    const data = folder();
    const first = await rigOver(data);
    first.service.put({ ...CSV, text: 'id,name\n1,a\n' });
    first.service.put({ ...CSV, text: 'id,name\n1,b\n1,c\n,d\n' });
    first.store.close();
    const second = await rigOver(data);
    expect(second.service.list()).toMatchObject([
      { name: 'titles', version: 2, key: 'id', rows: 3, duplicates: 1, withoutKey: 1 },
    ]);
    expect(second.engine.tables.get('titles')?.rows).toEqual([
      { id: 1, name: 'b' },
      { id: 1, name: 'c' },
      { id: null, name: 'd' },
    ]);
    second.store.close();
  });

  it('are sent to shards that are up, and to those that come up', async () => {
    const { engine, sent, service, store } = await rigOver(null);
    service.put({ ...CSV, text: 'id,name\n1,a\n' });
    expect(sent).toMatchObject([{ type: 'table', table: { name: 'titles', version: 1 } }]);
    const effects = engine.handle({ type: 'shard-up', shard: 0 }, 2_000);
    expect(effects[0]).toMatchObject({ message: { type: 'table', table: { version: 1 } } });
    expect(service.remove('titles')).toBe(true);
    expect(service.remove('titles')).toBe(false);
    expect(sent.at(-1)).toEqual({ type: 'table-end', name: 'titles' });
    store.close();
  });

  it('stay while a query reads them, and keep their key', async () => {
    const { engine, service, store } = await rigOver(null);
    service.put({ ...CSV, text: 'id,name\n1,a\n' });
    const query = 'select t.name from plays p join titles t on p.title = t.id';
    engine.handle(
      {
        ...{ type: 'subscribe', subscription: 's', client: 'c', query, params: {} },
        ...{ resume: null, planned: null },
      },
      2_000,
    );
    expect(service.get('titles')?.queries).toHaveLength(1);
    expect(codeOf(() => service.remove('titles'))).toBe('ENGINE_TABLE_IN_USE');
    const renamed = { ...CSV, key: 'name', text: 'id,name\n1,a\n' };
    expect(codeOf(() => service.put(renamed))).toBe('ENGINE_TABLE_IN_USE');
    expect(service.put({ ...CSV, text: 'id,name\n2,z\n' }).view.version).toBe(2);
    store.close();
  });

  it('are refused as a whole, with the line, and what was there stays', async () => {
    const config = { ...DEFAULTS, tablesMax: 1, tableRowsMax: 2 };
    const { service, store } = await rigOver(null, config);
    service.put({ ...CSV, text: 'id,name\n1,a\n' });
    expect(codeOf(() => service.put({ ...CSV, text: 'id,name\n1\n' }))).toBe('ENGINE_BAD_TABLE');
    expect(codeOf(() => service.put({ ...CSV, text: 'id\n1\n2\n3\n' }))).toBe('ENGINE_BAD_TABLE');
    expect(codeOf(() => service.put({ ...CSV, key: 'no', text: 'id\n1\n' }))).toBe(
      'ENGINE_BAD_TABLE',
    );
    expect(codeOf(() => service.put({ ...CSV, name: 'b', text: 'id\n1\n' }))).toBe('LIMIT_TABLES');
    expect(codeOf(() => service.put({ ...CSV, name: '../x', text: 'id\n1\n' }))).toBe(
      'ENGINE_BAD_TABLE',
    );
    expect(service.get('titles')).toMatchObject({ version: 1, rows: 1 });
    store.close();
  });
});
