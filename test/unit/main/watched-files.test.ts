/** Files that somebody edits: a change is seen, and what could not be read is looked at again. */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../../../src/core/errors.ts';
import { WatchedFiles } from '../../../src/main/watched-files.ts';

let directory: string;
let files: WatchedFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'squilla-watched-'));
  const bounds = { filesMax: 3, bytesMax: 10_000 };
  files = new WatchedFiles({ directory, names: /\.yaml$/, fault: 'ENGINE_BAD_RULES', ...bounds });
});

afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string): string => join(directory, name);

test('what came, went or changed since is told until it is read', () => {
  writeFileSync(at('a.yaml'), 'one');
  expect(files.hasChanged()).toBe(true);
  expect(files.read()).toStrictEqual(new Map([['a.yaml', 'one']]));
  expect(files.hasChanged()).toBe(false);
  writeFileSync(at('a.yaml'), 'other');
  expect(files.hasChanged()).toBe(true);
  files.read();
  rmSync(at('a.yaml'));
  expect(files.hasChanged()).toBe(true);
  expect(files.read()).toStrictEqual(new Map());
});

test('a file that cannot be read is a fault of its kind, and is tried until it can be', () => {
  writeFileSync(at('a.yaml'), 'one');
  mkdirSync(at('b.yaml'));
  for (let i = 0; i < 2; i++) {
    expect(() => files.read()).toThrow(EngineError);
    expect(files.hasChanged()).toBe(true);
  }
  rmdirSync(at('b.yaml'));
  expect([...files.read().keys()]).toStrictEqual(['a.yaml']);
  expect(files.hasChanged()).toBe(false);
});

test('a link that leads nowhere is one, too', () => {
  symlinkSync(at('gone'), at('a.yaml'));
  expect(() => files.read()).toThrow(EngineError);
  writeFileSync(at('gone'), 'there');
  expect(files.read().get('a.yaml')).toBe('there');
});
