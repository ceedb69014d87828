/**
 * An engine whose descriptors are all taken by strangers: it waits until they go, and loses
 * nothing.
 */
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { endAll, start, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, windowsOf } from '../support/result-reader.ts';

/** Node itself needs some 200 to start. */
const DESCRIPTORS = 512;
const STRANGERS = 700;

const strangers: Socket[] = [];

afterAll(async () => {
  for (const socket of strangers) socket.destroy();
  await endAll();
});

async function bound(pid: number, descriptors: number): Promise<void> {
  const limit = `--nofile=${descriptors}:${descriptors}`;
  expect(await start('prlimit', ['--pid', String(pid), limit]).exited).toBe(0);
}

function crowd(port: number): void {
  for (let i = 0; i < STRANGERS; i++) {
    // Those that the engine has no descriptor for are cut off, or never taken.
    const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    strangers.push(socket);
  }
}

/** As the engine's banner tells it. */
function listenerPort(engine: EngineProcess, name: string): number {
  return Number(new RegExp(`^\\s*${name} .*:(\\d+)$`, 'm').exec(engine.out())?.[1]);
}

async function metric(engine: EngineProcess, name: string): Promise<number> {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

test('an engine out of descriptors goes on with those who are there, and answers when they are free', async () => {
  const listen = ['otlp', 'syslog'].flatMap((name) => ['--listen', `${name}=0`]);
  const engine = await startEngine({ flags: listen });
  const pid = engine.enginePid();
  const reader = await readEvents(
    engine.url,
    'select count(*) as n from squilla.engine window 250ms',
  );
  await firstOf(reader, 'rows');
  await bound(pid, DESCRIPTORS);
  crowd(engine.port);
  crowd(engine.ingestPort);
  crowd(listenerPort(engine, 'otlp'));
  crowd(listenerPort(engine, 'syslog'));
  const from = windowsOf(reader).length;
  // Long enough that the engine has read its own memory, which takes a descriptor.
  await until(() => windowsOf(reader).length >= from + 12, 'windows go on');
  for (const socket of strangers) socket.destroy();
  await until(async () => {
    const answer = await fetch(`${engine.url}/-/ready`).catch(() => null);
    return answer?.status === 200;
  }, 'it answers again');
  expect(engine.enginePid()).toBe(pid);
  const ends = windowsOf(reader).map(({ windowEnd }) => windowEnd ?? 0);
  expect(ends).toStrictEqual(ends.map((_none, i) => (ends[0] ?? 0) + 250 * i));
  reader.close();
  expect(await metric(engine, 'squilla_process_resident_bytes')).toBeGreaterThan(0);
});

test('connections to the API port are bounded and counted', async () => {
  const engine = await startEngine({ settings: { connectionsMax: 20 } });
  const ended: Socket[] = [];
  for (let i = 0; i < 40; i++) {
    const socket = connectTcp(engine.port, '127.0.0.1').on('error', () => undefined);
    socket.on('close', () => ended.push(socket));
    strangers.push(socket);
  }
  await until(() => ended.length >= 20, 'those beyond the bound are closed');
  for (const socket of strangers) socket.destroy();
  const refused = await until(
    () => metric(engine, 'squilla_refused_connections_total').catch(() => null),
    'it answers',
  );
  expect(refused).toBeGreaterThanOrEqual(20);
});
