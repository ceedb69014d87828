/** A spool on a real disk: order, bounds, damage, and who takes over whose files. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Spool } from '../../../agents/spool.ts';
import type { SpoolOptions } from '../../../agents/spool.ts';
import type { SpoolNews } from '../../../agents/spool-contract.ts';
import { firstSequenceOf, stampedFrame, storedFrameFrom } from '../../../agents/stored-frame.ts';
import type { StoredBatch } from '../../../agents/stored-frame.ts';
import { configWith } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { until } from '../../support/engine-process.ts';
import { PUBLISH } from '../../support/live-agent.ts';
import { batchOf, decoded, newDecoder, rowsOf } from '../../support/wire-fixture.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PROGRAM = join(ROOT, 'test/support/spool-program.ts');

const folders: string[] = [];
const spools: Spool[] = [];

afterEach(async () => {
  for (const spool of spools.splice(0)) await spool.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Setup {
  readonly spool: Spool;
  readonly clock: VirtualClock;
  readonly loaded: StoredBatch[];
  readonly lost: Record<string, number>;
  readonly troubles: string[];
  readonly directory: string;
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'squilla-spool-'));
  folders.push(directory);
  return directory;
}

async function opened(
  limits: Partial<Config> = {},
  options: Partial<SpoolOptions> = {},
): Promise<Setup> {
  const directory = options.directory ?? newDirectory();
  const clock = new VirtualClock(1_000);
  const loaded: StoredBatch[] = [];
  const lost: Record<string, number> = {};
  const troubles: string[] = [];
  const onNews = (news: SpoolNews): void => {
    if (news.type === 'loaded') loaded.push(...news.batches);
    else lost[news.stream] = (lost[news.stream] ?? 0) + news.rows;
  };
  const spool = new Spool({
    ...{ directory, service: 'checkout', clock, dropsOldest: true, onNews },
    limits: () => configWith(limits),
    onTrouble: (problem) => troubles.push(problem),
    ...options,
  });
  spools.push(spool);
  await spool.open();
  return { spool, clock, loaded, lost, troubles, directory };
}

/** A batch of some events numbered from `first`. */
function batch(first: number, rows = 1, stream = 'plays', padding = 10): StoredBatch {
  const events = Array.from({ length: rows }, (_none, i) => ({
    n: first + i,
    text: 'x'.repeat(padding),
  }));
  const cells = batchOf(['n', 'text'], events);
  const stored = storedFrameFrom(cells, { stream, firstSequence: first, epoch: 3 });
  return { stream, time: PUBLISH, oldestMs: first, stored, isOwn: true };
}

async function readAll({ loaded, spool }: Setup): Promise<readonly number[]> {
  while (spool.holds) {
    spool.read();
    await spool.idle();
  }
  return loaded.map(({ stored }) => firstSequenceOf(stored));
}

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.spool'))
    .map((name) => join(directory, name));
}

describe('a spool', () => {
  test('gives back what it took, in order, as frames that a fresh connection reads', async () => {
    const setup = await opened();
    const { loaded, spool } = setup;
    for (let i = 0; i < 200; i++) expect(spool.push(batch(1 + i * 3, 3))).toBe(true);
    expect(spool.rows('plays')).toBe(600);
    expect(spool.oldestMs('plays')).toBe(1);
    const firsts = await readAll(setup);
    expect(firsts).toStrictEqual(Array.from({ length: 200 }, (_none, i) => 1 + i * 3));
    expect(spool.holds).toBe(false);
    expect(spool.rows('plays')).toBe(0);
    expect(spool.oldestMs('plays')).toBe(Infinity);
    const decoder = newDecoder();
    const stamp = { frameSequence: 7, firstSequence: 4, epoch: 9, filtered: 2, watermarkMs: 5 };
    const read = decoded(decoder, stampedFrame(loaded[1]!.stored, stamp, 5));
    expect(read.header).toMatchObject({ ...stamp, stream: 'plays', rows: 3 });
    expect(rowsOf(read).map(({ n }) => n)).toStrictEqual([4, 5, 6]);
    // Streams share one schema id, and no dictionary.
    const other = decoded(decoder, stampedFrame(batch(1, 2, 'errors').stored, stamp, 5));
    expect(other.header.stream).toBe('errors');
  });

  test('removes files when all in them was evaluated, and its folder when it closes', async () => {
    const setup = await opened({ agentSpoolBytes: 1_048_576 });
    const { directory, loaded, spool } = setup;
    for (let i = 0; i < 100; i++) spool.push(batch(i + 1, 1, 'plays', 3_000));
    await readAll(setup);
    expect(files(directory).length).toBeGreaterThan(2);
    for (const { stored } of loaded) spool.done(stored.place!);
    await spool.idle();
    expect(files(directory)).toStrictEqual([]);
    await spool.close();
    expect(readdirSync(directory)).toStrictEqual([]);
  });

  test('makes room by its oldest file, and counts what was in it', async () => {
    const setup = await opened({ agentSpoolBytes: 512 * 1_024 });
    const { directory, lost, spool } = setup;
    for (let i = 0; i < 300; i++) {
      expect(spool.push(batch(i + 1, 1, 'plays', 5_000))).toBe(true);
      await spool.idle();
    }
    const bytes = files(directory).reduce((sum, file) => sum + readFileSync(file).length, 0);
    expect(bytes).toBeLessThanOrEqual(512 * 1_024);
    const firsts = await readAll(setup);
    expect(firsts.at(-1)).toBe(300);
    expect(firsts.length + (lost['plays'] ?? 0)).toBe(300);
    expect(firsts).toStrictEqual(firsts.map((_first, i) => firsts[0]! + i));
  });

  test('refuses what comes when it is full, if the oldest is to stay', async () => {
    const setup = await opened({ agentSpoolBytes: 512 * 1_024 }, { dropsOldest: false });
    const { lost, spool } = setup;
    let taken = 0;
    for (let i = 0; i < 300; i++) {
      if (spool.push(batch(i + 1, 1, 'plays', 5_000))) taken++;
      await spool.idle();
    }
    expect(spool.fill).toBeLessThanOrEqual(1);
    expect(await readAll(setup)).toStrictEqual(Array.from({ length: taken }, (_none, i) => i + 1));
    expect(taken).toBeLessThan(150);
    expect(lost).toStrictEqual({});
  });

  test('bounds what waits for the disk', async () => {
    const { spool } = await opened({ agentQueueBytes: 64 * 1_024 });
    const taken = Array.from({ length: 50 }, (_none, i) => spool.push(batch(i, 1, 'plays', 2_000)));
    expect(taken.filter(Boolean).length).toBeLessThan(10);
    expect(spool.waitingBytes).toBeLessThanOrEqual(16 * 1_024);
  });
});

describe('a disk', () => {
  test('that cannot be written costs events, is said once, and is tried again', async () => {
    const setup = await opened();
    const { clock, directory, lost, spool, troubles } = setup;
    const folder = readdirSync(directory).find((name) => name.includes('@'));
    // A file stands where the first segment would be made.
    mkdirSync(join(directory, folder!, '1.spool'));
    spool.push(batch(1, 2));
    await spool.idle();
    expect(lost).toStrictEqual({ plays: 2 });
    expect(troubles).toHaveLength(1);
    expect(spool.push(batch(3, 2))).toBe(false);
    clock.advance(1_001);
    expect(spool.push(batch(5, 2))).toBe(true);
    expect(await readAll(setup)).toStrictEqual([5]);
    expect(spool.rows('plays')).toBe(0);
  });

  test('that cannot be used at all costs nothing but what would have been kept', async () => {
    const { spool, troubles } = await opened(
      {},
      { directory: join(import.meta.filename, 'spool') },
    );
    expect(troubles).toHaveLength(1);
    spool.push(batch(1));
    await spool.idle();
    expect(spool.holds).toBe(false);
  });

  test('that lost a file under way counts what had not been read', async () => {
    const setup = await opened();
    const { directory, lost, spool } = setup;
    for (let i = 0; i < 10; i++) spool.push(batch(i + 1));
    await spool.idle();
    const [file] = files(directory);
    truncateSync(file!, 10);
    expect(await readAll(setup)).toStrictEqual([]);
    expect(lost).toStrictEqual({ plays: 10 });
  });
});

describe('what a process that was killed has kept', () => {
  /** Keeps ten batches, has four of them read, and dies without a word. */
  function killed(directory: string, isRead: boolean): void {
    const args = ['--import', 'tsx', PROGRAM, directory, isRead ? 'read' : 'kept'];
    const { signal, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect({ signal, stderr }).toStrictEqual({ signal: 'SIGKILL', stderr: '' });
  }

  test('is sent by the next of its service', async () => {
    const directory = newDirectory();
    killed(directory, false);
    const other = await opened({}, { directory, service: 'another' });
    expect(other.spool.holds).toBe(false);
    const setup = await opened({}, { directory });
    expect(await readAll(setup)).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(setup.loaded.every(({ isOwn }) => !isOwn)).toBe(true);
    // Nobody else finds it.
    const late = await opened({}, { directory });
    expect(late.spool.holds).toBe(false);
  });

  test('and was on its way is counted as lost and never sent twice', async () => {
    const directory = newDirectory();
    killed(directory, true);
    const setup = await opened({}, { directory });
    expect(setup.lost).toStrictEqual({ plays: 4 });
    expect(await readAll(setup)).toStrictEqual([5, 6, 7, 8, 9, 10]);
  });

  test('is read up to what is torn or damaged', async () => {
    const directory = newDirectory();
    killed(directory, false);
    const [file] = files(directory);
    const bytes = readFileSync(file!);
    bytes[bytes.length - 3]! ^= 0xff;
    writeFileSync(file!, bytes);
    expect(await readAll(await opened({}, { directory }))).toStrictEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  test('stays when a process ends that could not send it', async () => {
    const setup = await opened();
    const { directory, loaded, spool } = setup;
    for (let i = 1; i <= 3; i++) spool.push(batch(i));
    await readAll(setup);
    for (const { stored } of loaded) spool.putBack(stored.place!);
    await spool.close();
    expect(await readAll(await opened({}, { directory }))).toStrictEqual([1, 2, 3]);
  });
});

describe('what is on the disk', () => {
  test('is synced when a file is full and when the agent closes, not with each batch', async () => {
    const directory = newDirectory();
    const probe = await open(join(directory, 'probe'), 'w');
    const handles = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    const sync = vi.spyOn(handles, 'datasync');
    const setup = await opened({ agentSpoolBytes: 1_024 * 1_024 }, { directory });
    for (let n = 1; n <= 20; n++) setup.spool.push(batch(n, 1, 'plays', 1_000));
    await setup.spool.idle();
    expect(sync).toHaveBeenCalledTimes(0);
    for (let n = 21; n <= 120; n++) setup.spool.push(batch(n, 1, 'plays', 1_000));
    await setup.spool.idle();
    expect(files(directory).length).toBeGreaterThan(1);
    expect(sync).toHaveBeenCalledTimes(files(directory).length - 1);
    await setup.spool.close();
    expect(sync).toHaveBeenCalledTimes(2 * files(directory).length - 1);
    sync.mockRestore();
  });
});

describe('a directory that several processes share', () => {
  const isolated = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'];
  const [command = '', ...flags] = isolated;
  const probe = spawnSync(command, [...flags, 'true']);
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Runs as the first process of a namespace of its own: its process id, and what it found. */
  async function stranger(directory: string): Promise<{ said: string; child: ChildProcess }> {
    const program = [process.execPath, '--import', 'tsx', PROGRAM, directory, 'stay'];
    const child = spawn(command, [...flags, ...program], { cwd: ROOT });
    children.push(child);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => said.endsWith('\n'), 'it says what it found', 60_000);
    return { said: said.trim(), child };
  }

  test.skipIf(probe.status !== 0)(
    'each keeps its own, even if both have one process id, until it has ended (needs user namespaces)',
    async () => {
      const directory = newDirectory();
      const first = await stranger(directory);
      const second = await stranger(directory);
      expect([first.said, second.said]).toStrictEqual(['1 0', '1 0']);
      const outside = await opened({}, { directory });
      expect(outside.spool.rows('plays')).toBe(0);
      const ended = new Promise((resolve) => first.child.once('exit', resolve));
      first.child.kill('SIGKILL');
      await ended;
      const heir = await until(async () => {
        const { spool } = await opened({}, { directory });
        return spool.rows('plays') > 0 ? spool : null;
      }, 'what it left is taken over');
      expect(heir.rows('plays')).toBe(10);
    },
    120_000,
  );

  test('is swept of sockets of processes that have ended and left nothing', async () => {
    const directory = newDirectory();
    const child = spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, directory], {
      cwd: ROOT,
    });
    expect(child.signal).toBe('SIGKILL');
    const sockets = (): string[] =>
      readdirSync(directory).filter((name) => name.endsWith('.alive'));
    expect(sockets()).toHaveLength(1);
    const setup = await opened({}, { directory });
    await readAll(setup);
    await setup.spool.close();
    const last = await opened({}, { directory });
    await until(() => sockets().length === 1, 'only that of the last is left');
    await last.spool.close();
    await until(() => sockets().length === 0, 'none is left');
  });

  test('may have a long name', async () => {
    const directory = join(newDirectory(), 'x'.repeat(120), 'y'.repeat(120));
    const { spool } = await opened({}, { directory });
    spool.push(batch(1));
    const other = await opened({}, { directory, service: 'checkout' });
    expect(other.spool.rows('plays')).toBe(0);
    expect(readdirSync(directory).filter((name) => name.endsWith('.alive'))).toHaveLength(1);
  });
});
