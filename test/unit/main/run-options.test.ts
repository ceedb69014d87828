/**
 * Listeners of one run: none by default, those of the file, flags over it, the demo's where free.
 */
import { expect, test } from 'vitest';
import type { UpFlags } from '../../../src/cli/flags.ts';
import type { ListenerOptions } from '../../../src/gateway/listener-names.ts';
import { runOptionsFrom } from '../../../src/main/run-options.ts';
import { settingsFile } from '../../support/engine-process.ts';

async function listenersOf(flags: UpFlags): Promise<ListenerOptions | readonly string[]> {
  const result = await runOptionsFrom(flags);
  return result.ok ? result.options.listeners : result.mistakes;
}

test('none, unless they are asked for', async () => {
  expect(await listenersOf({})).toEqual({});
});

test('a name is its usual port', async () => {
  expect(await listenersOf({ listen: ['otlp', 'statsd', 'syslog=514'] })).toEqual({
    otlp: { port: 4_318, isOptional: false },
    statsd: { port: 8_125, isOptional: false },
    syslog: { port: 514, isOptional: false },
  });
});

test('flags go over the file, and what either names the demo must have', async () => {
  const config = settingsFile('listeners: { otlp: 1, statsd: 2 }\n');
  expect(await listenersOf({ demo: true, config, listen: ['statsd=3'] })).toEqual({
    otlp: { port: 1, isOptional: false },
    statsd: { port: 3, isOptional: false },
    syslog: { port: 5_514, isOptional: true },
  });
});

test('mistakes are told together', async () => {
  expect(await listenersOf({ listen: ['carbon', 'otlp=x'], port: 70_000 })).toEqual([
    expect.stringContaining('port: at most'),
    '--listen: there are otlp, statsd, syslog, not carbon',
    '--listen: x is no port',
  ]);
});
