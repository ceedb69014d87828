/**
 * `squilla agent tail --checkpoint` that is killed: no line is lost, and it is known which twice.
 */
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileMark } from '../../agents/file-head.ts';
import { endAll, startSquilla, temporaryFolder, until } from '../support/engine-process.ts';
import type { RunningProcess } from '../support/engine-process.ts';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const LINE_BYTES = '{"n":100000}\n'.length;

let folder = '';
let file = '';
let checkpoint = '';
let next = 100_000;
const engines: SocketEngine[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'app.log');
  checkpoint = join(folder, 'tail.json');
  next = 100_000;
  writeFileSync(file, '');
});

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

afterAll(endAll);

function write(count: number): void {
  let text = '';
  for (let i = 0; i < count; i++) text += `{"n":${next++}}\n`;
  appendFileSync(file, text);
}

/** A run of its own, with an engine that has seen nothing yet. */
async function run(): Promise<{ engine: SocketEngine; agent: RunningProcess }> {
  const engine = await SocketEngine.listen();
  engines.push(engine);
  engine.queries = [queryOf('app', sourceOf(['n']))];
  const flags = ['--stream', 'app', '--format', 'json', '--checkpoint', checkpoint];
  const agent = startSquilla('agent', 'tail', file, ...flags, '--url', engine.url);
  await engine.until(() => engine.messages.some(({ type }) => type === 'plansAck'));
  return { engine, agent };
}

function numbers(engine: SocketEngine): number[] {
  return engine.rows.map((row) => row['n'] as number);
}

/** Lines of the file that stand before what the checkpoint says. */
function checkpointed(): number {
  try {
    const { files } = JSON.parse(readFileSync(checkpoint, 'utf8')) as {
      files: [string, FileMark][];
    };
    return (files[0]?.[1].position ?? 0) / LINE_BYTES;
  } catch {
    return 0;
  }
}

async function killed(agent: RunningProcess): Promise<void> {
  agent.child.kill('SIGKILL');
  await agent.exited;
}

describe('a tail that is killed', () => {
  test('goes on at its checkpoint, through rotation and compression meanwhile', async () => {
    const first = await run();
    write(500);
    await first.engine.until(() => first.engine.rows.length === 500);
    await until(() => checkpointed() === 500, 'the checkpoint is written');
    await killed(first.agent);
    write(300);
    writeFileSync(join(folder, 'app.log.2.gz'), gzipSync(readFileSync(file)));
    rmSync(file);
    write(200);
    renameSync(file, join(folder, 'app.log.1'));
    write(100);
    const second = await run();
    await second.engine.until(() => second.engine.rows.length >= 600);
    write(50);
    await second.engine.until(() => second.engine.rows.length >= 650);
    const all = [...numbers(first.engine), ...numbers(second.engine)];
    expect(all).toStrictEqual(Array.from({ length: 1_150 }, (_none, i) => 100_000 + i));
  });

  test('in the middle of its work loses nothing, and doubles only what no checkpoint covers', async () => {
    const first = await run();
    write(1_000);
    await until(() => checkpointed() > 0, 'a checkpoint is written');
    write(1_000);
    await first.engine.until(() => first.engine.rows.length > 1_000);
    await killed(first.agent);
    const kept = checkpointed();
    const before = numbers(first.engine);
    const second = await run();
    await second.engine.until(() => second.engine.rows.length >= 2_000 - kept);
    const after = numbers(second.engine);
    expect(new Set([...before, ...after]).size).toBe(2_000);
    expect(after).toStrictEqual(
      Array.from({ length: 2_000 - kept }, (_none, i) => 100_000 + kept + i),
    );
  });

  test('what the engine has not acknowledged is read again', async () => {
    const first = await run();
    first.engine.acknowledges = false;
    write(300);
    await first.engine.until(() => first.engine.rows.length === 300);
    await killed(first.agent);
    expect(checkpointed()).toBe(0);
    const second = await run();
    await second.engine.until(() => second.engine.rows.length === 300);
    expect(numbers(second.engine)).toStrictEqual(numbers(first.engine));
  });

  test('and one that is stopped in good order doubles nothing at all', async () => {
    const first = await run();
    write(700);
    await first.engine.until(() => first.engine.rows.length === 700);
    first.agent.child.kill('SIGTERM');
    expect(await first.agent.exited).toBe(0);
    write(10);
    const second = await run();
    await second.engine.until(() => second.engine.rows.length >= 10);
    expect(numbers(second.engine)).toStrictEqual(
      Array.from({ length: 10 }, (_none, i) => 100_700 + i),
    );
  });
});
