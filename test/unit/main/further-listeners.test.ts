/**
 * Listeners besides the two ports: all or none of those that were asked for, and as the demo can.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { ListenerOptions } from '../../../src/gateway/listener-names.ts';
import { FurtherListeners } from '../../../src/main/further-listeners.ts';
import { createLogger } from '../../../src/observe/logger.ts';
import { MemoryEngine } from '../../support/memory-engine.ts';

let taken: Server;
let port: number;

beforeEach(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
  port = (taken.address() as AddressInfo).port;
});

afterEach(() => taken.close());

function open(listeners: ListenerOptions, changes = {}): Promise<FurtherListeners> {
  const config = configWith({});
  const clock = systemClock;
  const limits = config;
  return FurtherListeners.open({
    ...{ config, host: '127.0.0.1', listeners, tls: null, needsToken: false, insecure: false },
    app: { handle: () => Promise.resolve({ status: 404, headers: {}, body: '' }) },
    engine: new MemoryEngine(),
    log: createLogger({ level: 'silent', process: 'engine', clock, limits }),
    ...changes,
  });
}

test('each has a port of its own, and closes', async () => {
  const any = { port: 0, isOptional: false };
  const listeners = await open({ otlp: any, statsd: any, syslog: any });
  const ports = Object.values(listeners.ports);
  expect(new Set(ports).size).toBe(3);
  listeners.close();
  expect(listeners.ports).toEqual({});
});

test('one that was asked for and is taken is an error, and the others are closed', async () => {
  const any = { port: 0, isOptional: false };
  const opening = open({ otlp: any, syslog: { port, isOptional: false } });
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_PORT_IN_USE' });
});

test('one that the demo would like and is taken is done without', async () => {
  const free = { port: 0, isOptional: true };
  const listeners = await open({ otlp: { port, isOptional: true }, statsd: free });
  expect(Object.keys(listeners.ports)).toEqual(['statsd']);
  listeners.close();
});

test.each([
  [{ needsToken: true }, ['otlp']],
  [{ needsToken: true, insecure: true }, ['otlp', 'statsd', 'syslog']],
])('where tokens are wanted: %j opens %j', async (changes, names) => {
  const free = { port: 0, isOptional: true };
  const listeners = await open({ otlp: free, statsd: free, syslog: free }, changes);
  expect(Object.keys(listeners.ports)).toEqual(names);
  listeners.close();
});
