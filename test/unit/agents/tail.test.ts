/** Real files, rotated and truncated as real programs do. */
import { appendFile, copyFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileFollower } from '../../../agents/file-follower.ts';
import { LineSplitter } from '../../../agents/line-splitter.ts';

let folder = '';
let path = '';
const followers: FileFollower[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'squilla-tail-'));
  path = join(folder, 'access.log');
});

afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.close();
  await rm(folder, { recursive: true });
});

function follow(from: 'start' | 'end' = 'start', readBytesMax = 4_096): FileFollower {
  const follower = new FileFollower(path, from, { readBytesMax, lineBytesMax: 1_000 });
  followers.push(follower);
  return follower;
}

/** Looks until everything is read. */
async function lines(follower: FileFollower): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const news = await follower.look();
    found.push(...news.lines);
    if (news.atEnd) return found;
  }
}

describe('following a file', () => {
  test('begins at the start or at the end', async () => {
    await writeFile(path, 'a\nb\n');
    const start = follow('start');
    const end = follow('end');
    expect(await lines(start)).toStrictEqual(['a', 'b']);
    expect(await lines(end)).toStrictEqual([]);
    await appendFile(path, 'c\r\n');
    expect(await lines(start)).toStrictEqual(['c']);
    expect(await lines(end)).toStrictEqual(['c']);
  });

  test('holds an unfinished line until it is complete, also in the middle of a character', async () => {
    const bytes = Buffer.from('grün\n');
    await writeFile(path, bytes.subarray(0, 3));
    const follower = follow();
    expect(await lines(follower)).toStrictEqual([]);
    await appendFile(path, bytes.subarray(3));
    expect(await lines(follower)).toStrictEqual(['grün']);
  });

  test('reads no more at once than it may, and says that there is more', async () => {
    await writeFile(path, 'x'.repeat(9).concat('\n').repeat(100));
    const follower = follow('start', 64);
    const news = await follower.look();
    expect([news.lines.length, news.atEnd]).toStrictEqual([6, false]);
    expect(await lines(follower)).toHaveLength(94);
  });

  test('goes on through a rotation by rename, with what the old file still gets', async () => {
    await writeFile(path, 'a\n');
    const follower = follow();
    expect(await lines(follower)).toStrictEqual(['a']);
    await appendFile(path, 'b\n');
    await rename(path, `${path}.1`);
    expect(await lines(follower)).toStrictEqual(['b']);
    await writeFile(path, 'c\n');
    const news = await follower.look();
    expect(news.lines).toStrictEqual(['c']);
    expect(news.happened).toStrictEqual([`${path} was rotated; reading the new file`]);
    await appendFile(`${path}.1`, 'still old\n');
    await appendFile(path, 'd\n');
    expect(await lines(follower)).toStrictEqual(['still old', 'd']);
  });

  test('lets go of an old file that stays quiet', async () => {
    await writeFile(path, 'a\n');
    const follower = follow();
    await lines(follower);
    await rename(path, `${path}.1`);
    await writeFile(path, '');
    for (let i = 0; i < 41; i++) await follower.look();
    await appendFile(`${path}.1`, 'too late\n');
    expect(await lines(follower)).toStrictEqual([]);
  });

  test('starts over when the file is truncated (copytruncate)', async () => {
    await writeFile(path, 'a\nb\nhalf');
    const follower = follow();
    expect(await lines(follower)).toStrictEqual(['a', 'b']);
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
    await appendFile(path, 'c\n');
    const news = await follower.look();
    expect(news.lines).toStrictEqual(['c']);
    expect(news.happened).toStrictEqual([`${path} was truncated; reading from its start`]);
  });

  test('waits for a file that is not there, and then misses nothing of it', async () => {
    const follower = follow('end');
    expect((await follower.look()).happened).toHaveLength(1);
    expect((await follower.look()).happened).toHaveLength(0);
    await writeFile(path, 'a\n');
    expect(await lines(follower)).toStrictEqual(['a']);
  });

  test('shows its first lines, wherever reading stands', async () => {
    await writeFile(path, 'a\nb\nc\n');
    const follower = follow('end');
    expect(await follower.head(2)).toStrictEqual(['a', 'b']);
    expect(await lines(follower)).toStrictEqual([]);
  });
});

describe('splitting lines', () => {
  test('leaves out lines beyond the bound, and counts them', () => {
    const splitter = new LineSplitter(5);
    const push = (text: string): readonly string[] => splitter.push(Buffer.from(text));
    expect(push('12345\n123456\nab')).toStrictEqual(['12345']);
    expect(push('cdefgh')).toStrictEqual([]);
    expect(push('ij\nok\n')).toStrictEqual(['ok']);
    expect(splitter.oversize).toBe(2);
    expect(splitter.partial).toBe(false);
  });

  test('gives the unfinished line at the end of input', () => {
    const splitter = new LineSplitter(100);
    splitter.push(Buffer.from('a\nlast\r'));
    expect(splitter.finish()).toBe('last');
    expect(splitter.finish()).toBe('');
  });
});
