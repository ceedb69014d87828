/** Tail and stdin agents against a real socket: nothing lost, nothing late, also when behind. */
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../agents/checkpoint-file.ts';
import { runStdinAgent } from '../../agents/stdin.ts';
import { runTailAgent } from '../../agents/tail.ts';
import type { TailOptions } from '../../agents/tail.ts';
import type { RunningSource } from '../../agents/source.ts';
import { systemClock } from '../../src/core/clock.ts';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const closing: (() => Promise<void>)[] = [];
let folder = '';
let file = '';
let engine: SocketEngine;
let written = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'squilla-tail-'));
  file = join(folder, 'access.log');
  engine = await SocketEngine.listen();
  engine.queries = [queryOf('nginx', sourceOf(['path', 'status', 'request_time']))];
  written = 0;
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await engine.close();
  await rm(folder, { recursive: true });
});

/** `count` lines as nginx writes them, at the time they are written. */
function accessLines(count: number, timeMs = systemClock.now()): string {
  const lines = Array.from({ length: count }, () => {
    const msec = (timeMs / 1_000).toFixed(3);
    const request = `"GET /${written++} HTTP/1.1" 200 5 "-" "wrk" ${msec} 0.001`;
    return `127.0.0.1 - - [21/Nov/2026:07:30:00 +0000] ${request}\n`;
  });
  return lines.join('');
}

async function tail(options: Partial<TailOptions> = {}): Promise<RunningSource> {
  const source = await runTailAgent({
    url: engine.url,
    files: [file],
    stream: 'nginx',
    onLine: () => undefined,
    ...options,
    limits: { tailPollMs: 5, reconnectMinMs: 5, ...options.limits },
  });
  closing.push(() => source.close());
  return source;
}

function paths(): readonly unknown[] {
  return engine.rows.map((row) => row['path']);
}

function expected(count: number): readonly string[] {
  return Array.from({ length: count }, (_none, i) => `/${i}`);
}

function active(): boolean {
  return engine.messages.some((message) => message.type === 'plansAck');
}

describe('the tail agent', () => {
  test('guesses the format of an empty file at its first line and misses none', async () => {
    await writeFile(file, '');
    const said: string[] = [];
    await tail({ onLine: (line) => said.push(line) });
    await engine.until(active);
    await appendFile(file, accessLines(100));
    await engine.until(() => engine.rows.length === 100);
    expect(paths()).toStrictEqual(expected(100));
    expect(engine.rows[0]).toStrictEqual({ path: '/0', status: 200, request_time: 0.001 });
    expect(said).toContain(`${file}: looks like combined with $msec $request_time`);
  });

  test('that is behind waits for its queue and holds its watermark: nothing lost, nothing late', async () => {
    const oldMs = systemClock.now() - 60_000;
    for (let i = 0; i < 20; i++) await appendFile(file, accessLines(500, oldMs + i * 1_000));
    engine.acknowledges = false;
    const limits = { agentQueueEvents: 1_024, agentFlushEvents: 128, agentResendFrames: 4 };
    await tail({ from: 'start', limits: { ...limits, tailReadBytes: 65_536 } });
    await engine.until(() => engine.rows.length === 4 * 128);
    // Everything is full now; the clock has long gone on, the watermark has not.
    const beats = engine.messages.length;
    await engine.until(() => engine.messages.length > beats + 3);
    expect(engine.promised('nginx')).toBeLessThanOrEqual(oldMs + 20_000);
    engine.acknowledgeNow();
    await engine.until(() => engine.rows.length === 10_000);
    expect(paths()).toStrictEqual(expected(10_000));
    expect(engine.late).toBe(0);
    await engine.until(() => engine.promised('nginx') > systemClock.now() - 2_000);
  });

  test('goes on through rotation under load', async () => {
    await writeFile(file, accessLines(1));
    await tail({ from: 'start' });
    await engine.until(() => engine.rows.length === 1);
    for (let round = 0; round < 5; round++) {
      await appendFile(file, accessLines(200));
      if (round % 2 === 0) await rename(file, `${file}.${round}`);
      await appendFile(file, accessLines(200));
      await engine.until(() => engine.rows.length === written);
    }
    expect(new Set(paths())).toStrictEqual(new Set(expected(2_001)));
    expect(engine.late).toBe(0);
  });

  test('follows all files of a pattern, new ones too, and says which a line is from', async () => {
    engine.queries = [queryOf('app', sourceOf(['n', 'file']))];
    await writeFile(join(folder, 'a.log'), '{"n":0}\n');
    const files = [join(folder, '*.log')];
    await tail({ files, stream: 'app', format: 'json', limits: { tailScanMs: 10 } });
    await engine.until(active);
    await appendFile(join(folder, 'a.log'), '{"n":1}\n');
    await writeFile(join(folder, 'b.log'), '{"n":2}\n');
    await writeFile(join(folder, 'c.txt'), '{"n":3}\n');
    await engine.until(() => engine.rows.length === 2);
    expect(engine.rows.toSorted((a, b) => Number(a['n']) - Number(b['n']))).toStrictEqual([
      { n: 1, file: join(folder, 'a.log') },
      { n: 2, file: join(folder, 'b.log') },
    ]);
    await rm(join(folder, 'b.log'));
    await appendFile(join(folder, 'a.log'), '{"n":4}\n');
    await engine.until(() => engine.rows.length === 3);
  });

  test('keeps where it stands before it reads, and reads what came to be since from its start', async () => {
    engine.queries = [queryOf('app', sourceOf(['n']))];
    const checkpoint = join(folder, 'tail.json');
    const a = join(folder, 'a.log');
    await writeFile(a, '{"n":0}\n');
    const options = { files: [join(folder, '*.log')], stream: 'app', format: 'json' } as const;
    const first = await tail({ ...options, checkpoint });
    const marks = await readCheckpoint(checkpoint);
    expect([...marks].map(([path, { position }]) => [path, position])).toStrictEqual([[a, 8]]);
    await first.close();
    await appendFile(a, '{"n":1}\n');
    await writeFile(join(folder, 'b.log'), '{"n":2}\n');
    await tail({ ...options, checkpoint });
    await engine.until(() => engine.rows.length === 2);
    expect(engine.rows).toStrictEqual([{ n: 1 }, { n: 2 }]);
  });

  test('puts the lines of a stack trace into one event, the last one after a while', async () => {
    engine.queries = [queryOf('nginx', sourceOf(['message']))];
    await writeFile(file, '');
    await tail({ multiline: '^\\d{4}', format: 'text', limits: { multilineMs: 30 } });
    await engine.until(active);
    await appendFile(file, '2026 boom\n  at a\n  at b\n2026 fine\n');
    await engine.until(() => engine.rows.length === 2);
    expect(engine.rows).toStrictEqual([
      { message: '2026 boom\n  at a\n  at b' },
      { message: '2026 fine' },
    ]);
  });

  test('that cannot understand its options says so', async () => {
    await expect(tail({ format: 'regex', pattern: '(' })).rejects.toThrow('pattern: ');
    await expect(tail({ format: 'regex' })).rejects.toThrow('needs a pattern');
  });
});

describe('the stdin agent', () => {
  test('sends the lines it reads, and ends when its input does', async () => {
    engine.queries = [queryOf('stdin', sourceOf(['level', 'n']))];
    const input = new PassThrough();
    const ended = new Promise<void>((resolve) => {
      const options = { url: engine.url, input, onLine: () => undefined, onEnd: resolve };
      const source = runStdinAgent(options);
      closing.push(() => source.close());
    });
    await engine.until(active);
    input.write('level=info n=1\nlevel=warn n=');
    input.end('2');
    await ended;
    expect(engine.rows).toStrictEqual([
      { level: 'info', n: 1 },
      { level: 'warn', n: 2 },
    ]);
    expect(engine.messages.at(-1)).toMatchObject({ type: 'bye' });
  });
});
