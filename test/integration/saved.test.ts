/**
 * Saved queries, views and EXPLAIN ANALYZE as a user meets them: commands against a real engine.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const COUNT = 'select region, count(*) as n from plays window 250ms group by region';
let engine: EngineProcess;
let dataDir: string;

beforeAll(async () => {
  dataDir = temporaryFolder();
  engine = await startEngine({ flags: ['--data', dataDir] });
});

afterAll(endAll);

function at(...args: readonly string[]): string[] {
  return [...args, '--url', engine.url];
}

async function keepPlaying(whileTrue: () => boolean): Promise<void> {
  while (whileTrue()) await publish(engine, 'plays', [{ region: 'eu' }, { region: 'us' }]);
}

test('a query is saved, shown, compared, listed, changed and removed', async () => {
  const put = (...more: string[]) => squilla(at('saved', 'put', 'rates', ...more));
  expect(await put(COUNT, '--description', 'starts')).toMatchObject({
    ...{ code: 0, out: 'rates version 1\n' },
  });
  const shown = await squilla(at('saved', 'show', 'rates'));
  expect(shown).toMatchObject({ code: 0, out: `${COUNT}\n` });
  expect(shown.err).toContain('version 1 by local');
  const diff = await squilla(at('saved', 'diff', 'rates', '-'), COUNT.replace('250ms', '1s'));
  expect(diff.code).toBe(1);
  expect(diff.out.split('\n').map((line) => line[0])).toEqual(['-', '+', undefined]);
  expect((await squilla(at('saved', 'diff', 'rates', '-'), COUNT)).code).toBe(0);
  expect(await put(COUNT, '--if-version', '7')).toMatchObject({ code: 1 });
  expect((await put(COUNT)).out).toBe('rates version 2\n');
  const listed = await squilla(at('saved', 'list'));
  expect(listed.out).toMatch(
    /name +version +owner +view +kept +what\s+rates +2 +local +yes +no +starts/,
  );
  expect((await put('select cuont(*) from plays')).err).toContain('mistakes');
  await squilla(at('saved', 'put', 'top', 'select max(n) as m from rates window 500ms'));
  expect((await squilla(at('saved', 'rm', 'rates'))).err).toContain('top');
  expect((await squilla(at('saved', 'rm', 'top'))).code).toBe(0);
  expect((await squilla(at('saved', 'show', 'top'))).code).toBe(1);
});

test('a view is read like a stream, and its reader is listed, watched and stopped', async () => {
  await squilla(at('saved', 'put', 'starts', COUNT));
  const mql = 'select region, sum(n) as n from starts window 500ms group by region';
  let isOver = false;
  const playing = keepPlaying(() => !isOver);
  const run = startSquilla(...at('query', mql, '--json'));
  await until(() => /"rows":\[\{[^\]]*"n":[1-9]/.test(run.out()), 'rows of the view');
  const streams = await squilla(at('streams', '--json'));
  expect(JSON.parse(streams.out)).toContainEqual(
    expect.objectContaining({ name: 'starts', kind: 'view', queries: 1 }),
  );
  const watch = startSquilla(...at('query', `explain analyze ${mql}`));
  await until(() => /view starts[\s\S]*merge .*\/s → [1-9]/.test(watch.out()), 'live figures');
  const listed = await squilla(at('queries'));
  expect(listed.out).toMatch(/local +1 +\w+ .*SELECT region, sum\(n\)/i);
  const [id] = /^\w{8}(?=.*sum\(n\))/im.exec(listed.out) ?? [];
  expect((await squilla(at('stop', id!))).code).toBe(0);
  expect(await run.exited).toBe(0);
  expect(await watch.exited).toBe(0);
  expect(run.out()).toContain('stopped by local');
  isOver = true;
  await playing;
  const path = join(dataDir, 'audit.jsonl');
  const trail = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  await until(() => trail().includes('"action":"stop"'), 'the audit trail');
  expect(trail()).toMatch(/"action":"save","by":"local","target":"starts","version":1/);
  expect(trail()).toMatch(/"action":"run","by":"local"/);
});

test('a saved query runs by name, and says which parameter lacks a value', async () => {
  const text = 'select $greeting as g, count(*) as n from plays window 250ms';
  await squilla(at('saved', 'put', 'hello', text, '--param', 'greeting=hi'));
  const own = await squilla(at('query', '--saved', 'hello', '--json', '--limit', '1'));
  expect(own.out).toContain('"g":"hi"');
  const other = at('query', '--saved', 'hello', '--param', 'greeting=ho', '--json', '--limit', '1');
  expect((await squilla(other)).out).toContain('"g":"ho"');
  await squilla(at('saved', 'put', 'open', text));
  const missing = await squilla(at('query', '--saved', 'open'));
  expect(missing.code).toBe(1);
  expect(missing.err).toMatch(/\$greeting has no value[\s\S]*1:8/);
  expect((await squilla(at('query', '--saved', 'nope'))).code).toBe(2);
});

test('queries of a directory are views, are read anew, and can be checked before', async () => {
  const queries = join(temporaryFolder(), 'queries');
  mkdirSync(queries);
  const file = join(queries, 'rates.mql');
  writeFileSync(file, `-- starts by region\n${COUNT}\n`);
  expect(await squilla(['saved', 'check', queries])).toMatchObject({
    ...{ code: 0, out: '1 saved query, 0 mistakes\n' },
  });
  const own = await startEngine({ flags: ['--queries', queries], settings: { rulesPollMs: 50 } });
  const ask = (...args: readonly string[]) => squilla([...args, '--url', own.url]);
  expect((await ask('saved', 'list')).out).toMatch(/rates +1 +rates\.mql +yes +no +starts/);
  expect((await ask('explain', 'select max(n) as m from rates window 1s')).code).toBe(0);
  expect((await ask('saved', 'rm', 'rates')).err).toContain('rates is defined in rates.mql');
  writeFileSync(file, COUNT.replace('region, count', 'region, coutn'));
  await until(
    async () => (await ask('saved', 'list')).err.includes('rates.mql:1:16'),
    'the mistake is listed',
  );
  expect((await ask('saved', 'show', 'rates')).out).toContain(COUNT);
  expect(await squilla(['saved', 'check', queries])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Did you mean count?'),
  });
  writeFileSync(file, COUNT.replace('250ms', '500ms'));
  await until(
    async () => (await ask('saved', 'show', 'rates')).out.includes('500ms'),
    'the new text is read',
  );
});
