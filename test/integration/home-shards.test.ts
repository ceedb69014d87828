/** A query that needs all events in one place, over real shard threads and the ports between. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endAll, publish, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

let engine: EngineProcess;

beforeAll(async () => {
  engine = await startEngine({ flags: ['--shards', '3'] });
});

afterAll(endAll);

function rowsOf(reader: ResultReader, column: string): unknown[] {
  return reader.received.flatMap(({ message }) =>
    message.type === 'rows' ? message.rows.map((row) => row[column]) : [],
  );
}

// Bodies go to the shards by turns, so two thirds of the events are exchanged.
test('windows of a number of events hold each event of all shards once', async () => {
  const reader = await readEvents(
    engine.url,
    'select count(*) as n, list(id) as ids from exchanged where id >= 0 window |30|',
  );
  await firstOf(reader, 'progress');
  for (let body = 0; body < 9; body++) {
    const events = Array.from({ length: 20 }, (_none, i) => ({
      id: body * 20 + i,
      text: `text ${i % 7}`,
      mixed: i % 2 === 0 ? i : 'odd',
    }));
    await publish(engine, 'exchanged', [...events, { id: -1 }]);
  }
  await until(() => rowsOf(reader, 'n').length >= 6, 'six windows');
  expect(rowsOf(reader, 'n')).toEqual(Array.from({ length: 6 }, () => 30));
  const ids = rowsOf(reader, 'ids').flat() as number[];
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_none, i) => i));
  reader.close();
});

test('whole events pass between shards with every kind of column', async () => {
  const reader = await readEvents(engine.url, 'select * from whole window |6|');
  await firstOf(reader, 'progress');
  const events = Array.from({ length: 6 }, (_none, i) => ({
    id: i,
    half: i + 0.5,
    flag: i % 2 === 0,
    text: `repeated ${i % 2}`,
    long: `only once: ${i} é😀`,
    list: [i, { deep: i }],
    ...(i % 3 === 0 ? { seldom: 'here' } : {}),
  }));
  for (const event of events) await publish(engine, 'whole', [event]);
  await until(() => rowsOf(reader, 'id').length >= 6, 'a window');
  const rows = reader.received.flatMap(({ message }) =>
    message.type === 'rows' ? message.rows : [],
  );
  const plain = rows.map(({ window_start: _start, window_end: _end, ...row }) => row);
  const byId = plain.toSorted((a, b) => Number(a['id']) - Number(b['id']));
  expect(byId).toEqual(events);
  reader.close();
});
