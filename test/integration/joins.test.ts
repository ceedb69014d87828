/** Joins on a whole engine over real sockets: two streams, and a table by command line and HTTP. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  endAll,
  publish,
  squilla,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;

beforeAll(async () => {
  engine = await startEngine({ flags: ['--shards', '2'] });
});

afterAll(endAll);

function at(...args: readonly string[]): string[] {
  return [...args, '--url', engine.url];
}

/** Rows of a query that runs until it has as many as are wanted. */
async function rowsOf(
  mql: string,
  wanted: number,
  meanwhile: () => Promise<unknown>,
): Promise<readonly object[]> {
  const run = startSquilla(...at('query', mql, '--json', '--limit', String(wanted)));
  await until(() => run.out().includes('"progress"'), 'the query runs');
  await meanwhile();
  expect(await run.exited).toBe(0);
  const lines = run.out().trim().split('\n');
  const messages = lines.map((line) => JSON.parse(line) as { rows?: object[] });
  return messages.flatMap((message) => message.rows ?? []);
}

describe('a join of streams', () => {
  test('meets whichever came first, over two shards', async () => {
    const mql = 'select p.session, x.code from plays p join errors x within 30s on session';
    const rows = await rowsOf(mql, 2, async () => {
      await publish(engine, 'plays', [{ session: 's1' }, { session: 's2' }]);
      await publish(engine, 'errors', [
        { session: 's1', code: 'E1' },
        { session: 's3', code: 'E3' },
      ]);
      await publish(engine, 'plays', [{ session: 's3' }]);
    });
    expect(rows).toStrictEqual([
      { session: 's1', code: 'E1' },
      { session: 's3', code: 'E3' },
    ]);
  });

  test('gives what met nothing once its time has passed', async () => {
    const mql = 'select p.session, x.code from lone p left join nothing x within 200ms on session';
    const rows = await rowsOf(mql, 1, () => publish(engine, 'lone', [{ session: 's9' }]));
    expect(rows).toStrictEqual([{ session: 's9', code: null }]);
  });
});

describe('a table', () => {
  const MQL = 'select p.id, t.name from looked p left join titles t on p.title = t.id';

  test('is put, looked up, replaced and removed', async () => {
    const file = join(temporaryFolder(), 'titles.csv');
    writeFileSync(file, 'id,name\n1,Kelp\n2,Drift\n');
    const put = await squilla(at('table', 'put', 'titles', file, '--key', 'id'));
    expect(put.err).toBe('');
    expect(put).toMatchObject({ code: 0, out: 'titles: 2 rows by id, version 1\n' });
    const rows = await rowsOf(MQL, 3, async () => {
      await publish(engine, 'looked', [{ id: 1, title: 1 }]);
      await publish(engine, 'looked', [{ id: 2, title: 3 }]);
      const body = JSON.stringify([{ id: 3, name: 'Epoch' }]);
      const url = `${engine.url}/api/v1/tables/titles?key=id`;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'PUT', headers, body });
      expect(await answer.json()).toMatchObject({ version: 2, rows: 1 });
      await publish(engine, 'looked', [{ id: 3, title: 3 }]);
    });
    expect(rows).toStrictEqual([
      { id: 1, name: 'Kelp' },
      { id: 2, name: null },
      { id: 3, name: 'Epoch' },
    ]);
    expect((await squilla(at('table', 'list'))).out).toMatch(/titles\s+id\s+1\s+2/);
    expect((await squilla(at('table', 'show', 'titles'))).out).toContain('{"id":3,"name":"Epoch"}');
    const used = await squilla(at('table', 'rm', 'titles'));
    expect(used.err).toContain('Queries read the table');
  });

  test('that is none is told', async () => {
    const { code, err } = await squilla(at('query', 'select * from a join nope n on a.x = n.id'));
    expect(code).toBe(1);
    expect(err).toContain('there is no table `nope`');
  });
});
