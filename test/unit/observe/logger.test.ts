import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { createLogger, silentLogger } from '../../../src/observe/logger.ts';
import type { Logger, LoggerOptions } from '../../../src/observe/logger.ts';

interface Probe {
  readonly logger: Logger;
  readonly clock: VirtualClock;
  readonly lines: string[];
  readonly entries: () => Record<string, unknown>[];
}

function probe(changes: Partial<LoggerOptions> = {}): Probe {
  const lines: string[] = [];
  const clock = new VirtualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const logger = createLogger({
    level: 'info',
    process: 'engine',
    clock,
    limits: configWith({ logLinesPerCodeMax: 2, logPeriodMs: 1_000 }),
    sink: { write: (text) => lines.push(text) },
    ...changes,
  });
  const entries = (): Record<string, unknown>[] =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, clock, lines, entries };
}

describe('lines for machines', () => {
  test('are one JSON object each, with the time of the given clock', () => {
    const { logger, lines } = probe();
    logger.info('Listening', { port: 7070 });
    expect(lines).toEqual([
      '{"level":"info","time":"2026-01-02T03:04:05.678Z","process":"engine","port":7070,' +
        '"msg":"Listening"}\n',
    ]);
  });

  test('below the level are not written', () => {
    const { logger, entries } = probe({ level: 'warn' });
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(entries().map(({ msg }) => msg)).toEqual(['c', 'd']);
  });

  test('carry the fields of the logger they come from', () => {
    const { logger, entries } = probe();
    logger.with({ shard: 1 }).with({ agent: 'a' }).info('Hello', { agent: 'b' });
    expect(entries()[0]).toMatchObject({ shard: 1, agent: 'b' });
  });

  test('keep an error with its cause', () => {
    const { logger, entries } = probe();
    logger.error('Failed', { error: new TypeError('outer', { cause: new Error('inner') }) });
    expect(entries()[0]?.['error']).toMatchObject({
      type: 'TypeError',
      message: 'outer',
      cause: { message: 'inner' },
    });
  });

  test('a silent logger does nothing', () => {
    expect(silentLogger.with({ a: 1 })).toBe(silentLogger);
    expect(silentLogger.error('x')).toBeUndefined();
  });
});

describe('secrets', () => {
  test('are hidden in members of any depth, in texts and in messages', () => {
    const { logger, lines } = probe();
    logger.info('GET /?token=s3cret&x=1 with Bearer s3cret', {
      token: 's3cret',
      headers: { Authorization: 'Basic s3cret', 'set-cookie': 's3cret', host: 'kept' },
      list: [{ adminToken: 's3cret' }],
      url: 'http://h/#token=s3cret',
      error: new Error('refused authorization: bearer s3cret'),
    });
    expect(lines.join('')).not.toContain('s3cret');
    expect(lines.join('')).toContain('kept');
    expect(lines.join('')).toContain('x=1');
  });

  test('a structure without end is cut', () => {
    const { logger, lines } = probe();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    logger.info('Loop', { loop, big: 1n });
    expect(lines.join('')).toContain('[deep]');
  });
});

describe('lines of one code', () => {
  test('are limited in a period, and the next one says how many were suppressed', () => {
    const { logger, clock, entries } = probe();
    const code = 'WIRE_BAD_FRAME';
    for (let line = 0; line < 5; line += 1) logger.warn('Bad frame', { code });
    expect(entries()).toHaveLength(2);
    clock.advance(1_000);
    logger.warn('Bad frame', { code });
    logger.warn('Bad frame', { code });
    expect(entries().map(({ suppressed }) => suppressed)).toEqual([
      undefined,
      undefined,
      3,
      undefined,
    ]);
  });

  test('do not limit other codes, nor lines without one', () => {
    const { logger, entries } = probe();
    for (let line = 0; line < 4; line += 1) logger.info('Plain');
    for (let line = 0; line < 4; line += 1) logger.warn('Coded', { code: 'LIMIT_AGENTS' });
    logger.warn('Other', { code: 'LIMIT_CLIENTS' });
    expect(entries().map(({ msg }) => msg)).toEqual([
      ...Array.from({ length: 4 }, () => 'Plain'),
      ...['Coded', 'Coded', 'Other'],
    ]);
  });
});

describe('lines for a human', () => {
  test('are one readable line', () => {
    const { logger, lines } = probe({ format: 'text' });
    logger.warn('Agent gone', { agent: 'web-1', why: 'no heartbeat', count: 3 });
    expect(lines).toEqual([
      '03:04:05.678 WARN  Agent gone agent=web-1 why="no heartbeat" count=3\n',
    ]);
  });

  test('show the stack of an error below', () => {
    const { logger, lines } = probe({ format: 'text' });
    const error = new Error('boom');
    error.stack = 'Error: boom\n    at here';
    logger.error('Failed', { error });
    expect(lines).toEqual(['03:04:05.678 ERROR Failed error="boom"\nError: boom\n    at here\n']);
  });

  test('a terminal gets text by itself, anything else JSON', () => {
    const seen: string[] = [];
    const sink = { isTTY: true, write: (text: string) => seen.push(text) };
    probe({ sink }).logger.info('Ready');
    expect(seen[0]).toContain('Ready');
    expect(seen[0]).not.toContain('{');
    const { logger, lines } = probe({ format: 'auto' });
    logger.info('Ready');
    expect(lines[0]).toMatch(/^\{/);
  });
});
