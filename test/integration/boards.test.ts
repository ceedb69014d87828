/** Boards and annotations as a user meets them: files, commands and requests on a real engine. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  endAll,
  signalTo,
  squilla,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';

let engine: EngineProcess;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'boards'));
  writeFileSync(join(folder, 'boards', 'web.yaml'), board('web', 'Web'));
  const flags = ['--data', join(folder, 'data'), '--boards', join(folder, 'boards')];
  engine = await startEngine({ flags, settings: { rulesPollMs: 50 } });
});

afterAll(endAll);

function board(name: string, title: string): string {
  return `# ${title}\nname: ${name}\ntitle: ${title}\npanels:\n  - title: Rate\n    query: select rate() as rps from requests window 1s\n`;
}

function at(...args: readonly string[]): string[] {
  return [...args, '--url', engine.url];
}

interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${engine.url}/api/v1/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get('etag') ?? '',
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

async function titles(): Promise<string[]> {
  const { body } = await call('GET', 'boards');
  return (body['boards'] as { title: string }[]).map(({ title }) => title);
}

test('files are read anew when they change, and stay as they were while one has mistakes', async () => {
  expect(await titles()).toEqual([
    ...['HTTP service', 'Hosts', 'Playback (demo)', 'Requests (demo)', 'Squilla itself', 'Web'],
  ]);
  const path = join(folder, 'boards', 'more.yaml');
  writeFileSync(path, board('more', 'More'));
  await until(async () => (await titles()).includes('More'), 'the new file is read');
  writeFileSync(path, 'name: more\npanels: 7\n');
  await until(async () => {
    const { body } = await call('GET', 'boards');
    return (body['files'] as { ok: boolean }).ok ? undefined : body;
  }, 'the mistake is told');
  expect(await titles()).toContain('More');
  const { body } = await call('GET', 'boards');
  expect(body['files']).toMatchObject({ mistakes: [{ file: 'more.yaml', line: 2 }] });
  rmSync(path);
  await until(async () => !(await titles()).includes('More'), 'the file is gone');
  const refused = await call('PUT', 'boards/web', { text: board('web', 'Mine') });
  expect(refused).toMatchObject({ status: 409, body: { code: 'ENGINE_IN_FILE' } });
});

test('boards of the API have versions, and nobody overwrites what he did not see', async () => {
  const first = await call('PUT', 'boards/ours', { text: board('ours', 'Ours') });
  expect(first).toMatchObject({ status: 201, etag: '"1"' });
  const json = { name: 'ours', title: 'Again', panels: [] };
  const second = await call('PUT', 'boards/ours', json, { 'if-match': '"1"' });
  expect(second).toMatchObject({ status: 200, etag: '"2"', body: { author: 'local' } });
  const late = await call('PUT', 'boards/ours', json, { 'if-match': '"1"' });
  expect(late).toMatchObject({ status: 412, body: { code: 'ENGINE_CONFLICT', version: 2 } });
  expect(await call('PUT', 'boards/ours', json, { 'if-none-match': '*' })).toMatchObject({
    status: 412,
  });
  const { body } = await call('GET', 'boards/ours/versions');
  expect((body['versions'] as object[]).length).toBe(2);
  const bad = await call('PUT', 'boards/ours', { name: 'ours', panels: [{ title: 't' }] });
  expect(bad).toMatchObject({ status: 400, body: { code: 'ENGINE_BAD_BOARD' } });
  const checked = await call('POST', 'boards/check', { text: 'name: x\npanels:\n  - 1\n' });
  expect(checked).toMatchObject({ status: 200, body: { board: null, mistakes: [{ line: 3 }] } });
  expect((await call('GET', 'boards/none')).status).toBe(404);
});

// Ten commands are ten processes.
test('commands list, show, check, apply and remove', { timeout: 60_000 }, async () => {
  const file = join(folder, 'applied.yaml');
  const shown = await squilla(at('boards', 'show', 'http'));
  expect(shown.out).toMatch(/^name: http\n/);
  writeFileSync(file, shown.out.replace('name: http', 'name: copied'));
  expect(await squilla(['boards', 'check', file])).toMatchObject({
    code: 0,
    out: '1 board is good\n',
  });
  expect(await squilla(at('boards', 'apply', file))).toMatchObject({
    ...{ code: 0, out: 'copied version 1\n' },
  });
  expect((await squilla(at('boards', 'apply', file))).out).toBe('copied version 1\n');
  expect((await squilla(at('boards', 'list'))).out).toMatch(/copied +HTTP service +9 +api +1/);
  writeFileSync(file, 'name: copied\npanels:\n  - title: t\n    query: select fro\n    at: 3\n');
  const bad = await squilla(at('boards', 'apply', file));
  expect(bad.code).toBe(1);
  expect(bad.err).toContain('applied.yaml:5:9');
  expect((await squilla(at('boards', 'rm', 'copied', '--if-version', '9'))).code).toBe(1);
  expect((await squilla(at('boards', 'rm', 'copied'))).code).toBe(0);
  expect((await squilla(at('boards', 'show', 'copied'))).code).toBe(1);
});

test('what happened is annotated, found, taken back, and outlives a kill', async () => {
  const made = await squilla(
    at('annotate', 'deploy web 1.4.2', '--tag', 'deploy', '--tag', 'service:web'),
  );
  expect(made.code).toBe(0);
  const long = { title: 'load test', time: 1_000, endTime: 5_000, tags: ['test'] };
  const { status, body } = await call('POST', 'annotations', long);
  expect(status).toBe(201);
  expect((await call('POST', 'annotations', {})).body).toMatchObject({
    code: 'ENGINE_BAD_REQUEST',
  });
  await call('PUT', 'boards/kept', { text: board('kept', 'Kept') });
  const killed = engine.enginePid();
  signalTo(killed, 'SIGKILL');
  await until(
    async () => {
      const answer = await call('GET', 'status').catch(() => null);
      return answer?.status === 200 && engine.enginePid() !== killed;
    },
    'the engine is back',
    20_000,
  );
  const listed = await squilla(at('annotations', '--tag', 'deploy'));
  expect(listed.out).toMatch(/deploy web 1\.4\.2 +deploy service:web +local/);
  const found = await call('GET', 'annotations?from=3000&to=4000');
  expect(found.body['annotations']).toMatchObject([long.title].map((title) => ({ title })));
  expect((await call('DELETE', `annotations/${String(body['id'])}`)).status).toBe(204);
  expect((await call('DELETE', `annotations/${String(body['id'])}`)).status).toBe(404);
  expect((await call('GET', 'boards/kept')).etag).toBe('"1"');
});
