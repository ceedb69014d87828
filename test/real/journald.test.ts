/**
 * `squilla agent journald` on journal files that systemd's own tools write and read, against a real
 * engine: what is there already, what comes, and what came while it was away.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import {
  childRunning,
  endAll,
  signalTo,
  start,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { fenceWith } from '../support/doc-fences.ts';
import { describeReal } from '../support/real.ts';
import { readEvents, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

describeReal('the systemd journal', ['journalctl', 'systemd-journal-remote'], (paths) => {
  let engine: EngineProcess;
  let folder = '';
  let writer: RunningProcess;
  let written = 0;

  beforeAll(async () => {
    engine = await startEngine();
    folder = mkdtempSync(join(tmpdir(), 'squilla-journal-'));
    const program = paths['systemd-journal-remote'];
    writer = start(program, ['--output', join(folder, 'test.journal'), '-']);
  });

  afterAll(async () => {
    // It ends with its input, and with nothing else.
    writer.child.stdin?.end();
    await writer.exited;
    await endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As systemd's export format has it; numbered. */
  function write(message: string, fields: Readonly<Record<string, string>> = {}): void {
    const all = {
      __REALTIME_TIMESTAMP: String(Math.floor(systemClock.now() * 1_000)),
      __MONOTONIC_TIMESTAMP: String(++written),
      _BOOT_ID: '0123456789abcdef0123456789abcdef',
      MESSAGE: message,
      PRIORITY: '6',
      SYSLOG_IDENTIFIER: 'shop',
      _SYSTEMD_UNIT: 'shop.service',
      _PID: '77',
      _HOSTNAME: 'web-1',
      ...fields,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    writer.child.stdin?.write(`${lines.join('')}\n`);
  }

  function agent(...flags: readonly string[]): RunningProcess {
    const where = ['--directory', folder, '--url', engine.ingestUrl];
    return startSquilla('agent', 'journald', ...where, ...flags);
  }

  function rowsOf(reader: ResultReader): Record<string, unknown>[] {
    return windowsOf(reader).flatMap(({ rows }) => rows as Record<string, unknown>[]);
  }

  function messages(reader: ResultReader): unknown[] {
    return rowsOf(reader).map(({ message }) => message);
  }

  test('what is there already and what comes are events with short names', async () => {
    const reader = await readEvents(engine.url, 'select * from journal');
    write('first');
    const following = agent('--from-start');
    await until(() => messages(reader).includes('first'), 'what is there already');
    write('second', { PRIORITY: '3', ORDER_ID: '9', _PID: '78' });
    await until(() => messages(reader).includes('second'), 'what comes');
    expect(rowsOf(reader).at(-1)).toMatchObject({
      ...{ message: 'second', level: 'error', unit: 'shop.service', identifier: 'shop' },
      ...{ host: 'web-1', pid: 78, order_id: '9' },
    });
    // journalctl that goes away is started anew behind what was read.
    signalTo(childRunning(following.pid, 'journalctl'), 'SIGKILL');
    write('third');
    await until(() => messages(reader).includes('third'), 'journalctl runs again');
    expect(messages(reader)).toEqual(['first', 'second', 'third']);
    following.child.kill('SIGTERM');
    expect(await following.exited).toBe(0);
    reader.close();
  });

  test('the command of docs/agents.md', async () => {
    const reader = await readEvents(engine.url, 'select message, unit from journal');
    const [, ...words] = fenceWith('docs/agents.md', 'sh', 'agent journald')
      .replace('nginx.service', 'shop.service')
      .trim()
      .split(' ');
    startSquilla(...words, '--directory', folder, '--url', engine.ingestUrl, '--from-start');
    write('of another unit', { _SYSTEMD_UNIT: 'other.service' });
    write('as documented');
    await until(() => messages(reader).includes('as documented'), 'what comes');
    expect(messages(reader)).not.toContain('of another unit');
    reader.close();
  });

  test('an agent that is back goes on behind what it had read, also if it was killed', async () => {
    const checkpoint = join(temporaryFolder(), 'journal');
    const reader = await readEvents(engine.url, 'select message from kept');
    const flags = ['--stream', 'kept', '--checkpoint', checkpoint];
    const first = agent(...flags, '--from-start');
    await until(() => messages(reader).length > 0, 'it reads');
    write('before');
    await until(() => messages(reader).includes('before'), 'it follows');
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    write('away 1');
    write('away 2');
    const second = agent(...flags);
    await until(() => messages(reader).includes('away 2'), 'it has caught up');
    second.child.kill('SIGKILL');
    await second.exited;
    write('away 3');
    agent(...flags);
    await until(() => messages(reader).includes('away 3'), 'it has caught up again');
    const seen = messages(reader);
    for (const message of ['before', 'away 1', 'away 2', 'away 3']) expect(seen).toContain(message);
    expect(seen.filter((message) => message === 'before')).toHaveLength(1);
    reader.close();
  });

  test('only the units that are asked for', async () => {
    const reader = await readEvents(engine.url, 'select message, unit from units');
    agent('--stream', 'units', '--unit', 'mail.service', 'db.service', '--from-start');
    write('not this one');
    write('mail', { _SYSTEMD_UNIT: 'mail.service' });
    write('db', { _SYSTEMD_UNIT: 'db.service' });
    await until(() => rowsOf(reader).length >= 2, 'both units');
    expect(messages(reader)).toEqual(['mail', 'db']);
    reader.close();
  });
});
