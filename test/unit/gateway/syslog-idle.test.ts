/** Connections of syslog that say nothing, or stop in the middle of a message, go; others stay. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { OpenListener } from '../../../src/gateway/open-listener.ts';
import { openSyslog } from '../../../src/gateway/syslog-listener.ts';
import { createLogger } from '../../../src/observe/logger.ts';
import { until } from '../../support/engine-process.ts';
import { MemoryEngine } from '../../support/memory-engine.ts';

const sockets: Socket[] = [];
let listener: OpenListener | null = null;

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  listener?.close();
});

async function open(settings: Parameters<typeof configWith>[0]): Promise<MemoryEngine> {
  const config = configWith(settings);
  const engine = new MemoryEngine();
  const log = createLogger({
    ...{ level: 'silent', process: 'engine', clock: systemClock, limits: config },
  });
  const address = { host: '127.0.0.1', port: 0, flag: '--listen' };
  listener = await openSyslog(address, { engine, config, log });
  return engine;
}

/** A connection that says so much; `ended` once it was closed from there. */
async function connection(text: string): Promise<{ ended: boolean }> {
  const state = { ended: false };
  const socket = connect(listener?.port ?? 0, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => (state.ended = true));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  if (text !== '') socket.write(text);
  return state;
}

test('who says nothing goes, who stops in a message is counted, who waits for its next stays', async () => {
  const engine = await open({ requestMs: 100, syslogIdleMs: 3_600_000 });
  const whole = await connection('<1>whole\n');
  const silent = await connection('');
  const half = await connection('<1>half');
  await until(() => silent.ended && half.ended, 'both are closed');
  expect(engine.losses).toContainEqual({ stream: 'syslog', reason: 'malformed', count: 1 });
  expect(whole.ended).toBe(false);
});

test('who has waited too long for its next goes too, and nothing is lost', async () => {
  const engine = await open({ requestMs: 60_000, syslogIdleMs: 100 });
  const whole = await connection('<1>whole\n');
  await until(() => whole.ended, 'it is closed');
  expect(engine.losses).toStrictEqual([]);
  expect(engine.bodies.map(({ stream }) => stream)).toStrictEqual(['syslog']);
});
