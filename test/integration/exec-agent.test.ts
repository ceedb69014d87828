/** `squilla agent exec` against a real engine: to the outside it is the command, and it is seen. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  endAll,
  signalTo,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { readEvents, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

let engine: EngineProcess;
let folder = '';

beforeAll(async () => {
  engine = await startEngine();
  folder = temporaryFolder();
});

afterAll(endAll);

/** A script of its own, so that commands have a name. */
function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
}

function exec(...args: readonly string[]): RunningProcess {
  return startSquilla('agent', 'exec', '--url', engine.ingestUrl, ...args);
}

function rowsOf(reader: ResultReader): Record<string, unknown>[] {
  return windowsOf(reader).flatMap(({ rows }) => rows as Record<string, unknown>[]);
}

describe('agent exec', () => {
  test('tells what a command printed and how it ended, and passes all of it on', async () => {
    const lines = await readEvents(engine.url, 'select output, message from job');
    const ends = await readEvents(engine.url, 'select code, signal, command from job.exit');
    const job = script('job', 'printf "one\\ntwo"; echo bad >&2; exit 3');
    const run = exec('--', job, '--full', 'two words');
    expect(await run.exited).toBe(3);
    expect(run.out()).toBe('one\ntwo');
    expect(run.err()).toBe('bad\n');
    await until(() => rowsOf(ends).length === 1, 'its end is told');
    expect(rowsOf(ends)).toEqual([{ code: 3, signal: null, command: `${job} --full two words` }]);
    await until(() => rowsOf(lines).length === 3, 'its lines are told');
    expect(rowsOf(lines)).toEqual(
      expect.arrayContaining([
        { output: 'stdout', message: 'one' },
        { output: 'stdout', message: 'two' },
        { output: 'stderr', message: 'bad' },
      ]),
    );
    lines.close();
    ends.close();
  });

  test('reads lines as they are formatted, and hands its input on', async () => {
    const reader = await readEvents(engine.url, 'select output, n, level from importer');
    const run = exec('--stream', 'importer', '--format', 'json', '--', 'cat');
    run.child.stdin?.end('{"n":1,"level":"info"}\n{"n":2,"level":"warn"}\n');
    expect(await run.exited).toBe(0);
    expect(run.out()).toBe('{"n":1,"level":"info"}\n{"n":2,"level":"warn"}\n');
    await until(() => rowsOf(reader).length === 2, 'both lines are told');
    expect(rowsOf(reader)[1]).toEqual({ output: 'stdout', n: 2, level: 'warn' });
    reader.close();
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s reaches the command, whose end it becomes', async (signal, code) => {
    const ends = await readEvents(engine.url, `select signal from ${signal}.exit`);
    const run = exec('--stream', signal, '--', 'sh', '-c', 'echo up; exec sleep 60');
    await until(() => run.out() === 'up\n', 'the command runs');
    signalTo(run.pid, signal);
    expect(await run.exited).toBe(code);
    await until(() => rowsOf(ends).length === 1, 'its end is told');
    expect(rowsOf(ends)).toEqual([{ signal }]);
    ends.close();
  });

  test('a command that handles a signal ends as it likes', async () => {
    const run = exec(
      '--',
      'sh',
      '-c',
      'trap "echo bye; kill $!; exit 7" TERM; echo up; sleep 60 & wait',
    );
    await until(() => run.out() === 'up\n', 'the command runs');
    signalTo(run.pid, 'SIGTERM');
    expect(await run.exited).toBe(7);
    expect(run.out()).toBe('up\nbye\n');
  });

  test.each([
    ['/nowhere/at-all', 127],
    ['/etc/passwd', 126],
  ])('says as a shell does that %s cannot be run', async (command, code) => {
    const run = exec('--', command);
    expect(await run.exited).toBe(code);
    expect(run.err()).toContain(`cannot run ${command}: `);
  });

  test('runs the command without an engine, and bytes that are no text pass unchanged', async () => {
    const run = startSquilla(
      ...['agent', 'exec', '--url', 'ws://127.0.0.1:9', '--'],
      ...['sh', '-c', 'printf "\\303\\050\\377\\n" | od -An -tx1; exit 4'],
    );
    expect(await run.exited).toBe(4);
    expect(run.out().trim()).toBe('c3 28 ff 0a');
    expect(run.err()).toBe('');
  });

  test('a reader that goes away ends it as it would have ended the command', async () => {
    const bin = join(import.meta.dirname, '../../dist/src/bin.js');
    const line = `'${process.execPath}' '${bin}' agent exec --url ${engine.ingestUrl} -- yes | head -n 1`;
    const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    expect(out).toBe('y\n');
  });
});
