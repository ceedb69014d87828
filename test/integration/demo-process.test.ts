/** The demo as a process: real agents on real sockets, incidents by command. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const ROOT = join(import.meta.dirname, '../..');

async function startDemo(): Promise<{
  readonly engine: SocketEngine;
  readonly child: ChildProcess;
  readonly ask: (command: object) => Promise<unknown>;
}> {
  const engine = await SocketEngine.listen();
  closing.push(() => engine.close());
  const queries = ['plays', 'playback_errors', 'requests'].map((stream) =>
    queryOf(stream, sourceOf(['region', 'status']), { query: stream }),
  );
  engine.queries = queries;
  const main = join(ROOT, 'agents/demo/main.ts');
  const args = ['--import', 'tsx', main, '--rate', '2000'];
  const stdio = ['pipe', 'pipe', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: [...stdio],
    env: { ...process.env, SQUILLA_INGEST_URL: engine.url },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  closing.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ask = (command: object): Promise<unknown> =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send({ ...command, request: 7 });
    });
  return { engine, child, ask };
}

function countsByStream(engine: SocketEngine): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { header } of engine.frames) {
    counts[header.stream] = (counts[header.stream] ?? 0) + header.rows;
  }
  return counts;
}

describe('the demo', () => {
  test('is a fleet whose region dies and comes back by command, and says bye at the end', async () => {
    const { engine, child, ask } = await startDemo();
    await engine.until(() => engine.sockets.size === 12 && engine.rows.length > 1_000);
    const counts = countsByStream(engine);
    expect(counts['requests']).toBeGreaterThan(counts['plays'] ?? 0);
    expect(counts['plays']).toBeGreaterThan(counts['playback_errors'] ?? 0);
    expect(new Set(engine.rows.map((row) => row['region'])).size).toBe(4);

    const died = await ask({ type: 'break', region: 'eu-west', kind: 'agents-die' });
    const incidents = { 'eu-west': 'agents-die' };
    expect(died).toStrictEqual({ type: 'demo', request: 7, ok: true, incidents });
    await engine.until(() => engine.sockets.size === 9);
    expect(engine.messages.some((message) => message.type === 'bye')).toBe(false);

    expect(await ask({ type: 'heal' })).toMatchObject({ ok: true, incidents: {} });
    await engine.until(() => engine.sockets.size === 12);

    child.kill('SIGTERM');
    await engine.until(() => engine.sockets.size === 0);
    expect(engine.messages.filter((message) => message.type === 'bye')).toHaveLength(12);
  });

  test('takes commands as lines of JSON too, and says what is wrong with them', async () => {
    const { child } = await startDemo();
    const answers: unknown[] = [];
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const three = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        answers.push(JSON.parse(line));
        if (answers.length === 3) resolve();
      });
    });
    child.stdin?.write('{"type":"break","region":"moon","kind":"slow"}\nnonsense\n');
    child.stdin?.write('{"type":"break","region":"us-east","kind":"slow"}\n');
    await three;
    expect(answers).toStrictEqual([
      {
        type: 'demo',
        ok: false,
        error: 'region: one of us-east, us-west, eu-west, ap-south expected',
      },
      { type: 'demo', ok: false, error: 'a command is an object' },
      { type: 'demo', ok: true, incidents: { 'us-east': 'slow' } },
    ]);
  });
});
