/** The audit trail reaches its file and its stream, and neither grows without bound. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { configWith, DEFAULTS } from '../../../src/config.ts';
import { AuditWriter } from '../../../src/main/audit-writer.ts';
import { AuditTrail } from '../../../src/observe/audit-trail.ts';
import { createLogger } from '../../../src/observe/logger.ts';

const folders: string[] = [];
const clock = { now: () => 1_000.7 };

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function writer(auditBytesMax: number) {
  const dataDir = mkdtempSync(join(tmpdir(), 'squilla-audit-'));
  folders.push(dataDir);
  const trail = new AuditTrail(clock);
  const published: string[] = [];
  const log = createLogger({ level: 'silent', process: 'engine', clock, limits: DEFAULTS });
  const parts = { trail, config: configWith({ auditBytesMax }), dataDir, log };
  const publish = (stream: string, lines: string): void => void published.push(stream, lines);
  return { dataDir, trail, published, audit: new AuditWriter({ ...parts, publish }) };
}

test('entries go to the file and to the stream, without values', () => {
  const { audit, dataDir, published, trail } = writer(1_000_000);
  trail.record({ action: 'run', by: 'ada', target: null, text: 'select 1', params: ['secret'] });
  audit.stop();
  const line =
    '{"time":1000,"action":"run","by":"ada","target":null,"text":"select 1","params":["secret"]}\n';
  expect(JSON.parse(readFileSync(join(dataDir, 'audit.jsonl'), 'utf8'))).toEqual(JSON.parse(line));
  expect(published[0]).toBe('squilla.audit');
  expect(statSync(join(dataDir, 'audit.jsonl')).mode & 0o077).toBe(0);
});

test('a full file makes room', () => {
  const { audit, dataDir, trail } = writer(1_024);
  for (let i = 0; i < 30; i++) {
    trail.record({ action: 'stop', by: 'ada', target: `q${i}` });
    audit.flush();
  }
  audit.stop();
  expect(existsSync(join(dataDir, 'audit.1.jsonl'))).toBe(true);
  for (const name of ['audit.jsonl', 'audit.1.jsonl']) {
    expect(statSync(join(dataDir, name)).size).toBeLessThanOrEqual(1_024);
  }
  expect(readFileSync(join(dataDir, 'audit.jsonl'), 'utf8')).toContain('q29');
});

test('what exceeds the bound is counted in the trail', () => {
  const trail = new AuditTrail(clock);
  for (let i = 0; i < DEFAULTS.auditEntriesMax + 5; i++) {
    trail.record({ action: 'run', by: 'ada', target: null });
  }
  expect(trail.take().at(-1)).toMatchObject({ action: 'lost', count: 5 });
  expect(trail.take()).toEqual([]);
});
