/** Real files, rotated and truncated as real programs do. */
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { readCheckpoint, writeCheckpoint } from '../../../agents/checkpoint-file.ts';
import { FileFollower } from '../../../agents/file-follower.ts';
import type { FollowerStart } from '../../../agents/file-follower.ts';
import { filesOf } from '../../../agents/file-glob.ts';
import type { FileMark } from '../../../agents/file-head.ts';
import { LineJoiner } from '../../../agents/line-joiner.ts';
import { SettledMark } from '../../../agents/settled-mark.ts';
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
  return following({ from }, readBytesMax);
}

function following(start: FollowerStart, readBytesMax = 4_096): FileFollower {
  const follower = new FileFollower(path, start, { readBytesMax, lineBytesMax: 1_000 });
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

  test('notices a file that was cut and has outgrown its old size, by its first bytes', async () => {
    await writeFile(path, 'a\nb\n');
    const follower = follow();
    await lines(follower);
    await writeFile(path, 'c\nd\ne\n');
    const news = await follower.look();
    expect(news.lines).toStrictEqual(['c', 'd', 'e']);
    expect(news.happened).toStrictEqual([`${path} was truncated; reading from its start`]);
  });

  test('reads what was copied away unread before the cut', async () => {
    await writeFile(path, 'a\n');
    const follower = follow();
    await lines(follower);
    await appendFile(path, 'b\nc\n');
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
    await appendFile(path, 'd\n');
    expect(await lines(follower)).toStrictEqual(['b', 'c', 'd']);
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

describe('going on where an earlier run stood', () => {
  /** Reads what there is, and is gone. */
  async function read(...written: readonly string[]): Promise<FileMark> {
    await writeFile(path, written.join(''));
    const follower = follow();
    await lines(follower);
    return follower.mark as FileMark;
  }

  function resume(mark: FileMark): FileFollower {
    return following({ from: 'end', mark });
  }

  test('in the same file, also behind half a line', async () => {
    const mark = await read('a\nb\nhal');
    expect(mark.position).toBe(4);
    await appendFile(path, 'f\nc\n');
    expect(await lines(resume(mark))).toStrictEqual(['half', 'c']);
  });

  test.each([
    ['renamed', async () => rename(path, `${path}.1`)],
    ['renamed with a date', async () => rename(path, `${path}-20261128`)],
    [
      'compressed',
      async () => {
        await writeFile(`${path}.2.gz`, gzipSync(await readFile(path)));
        await rm(path);
      },
    ],
    [
      'copied and cut',
      async () => {
        await copyFile(path, `${path}.1`);
        await truncate(path, 0);
      },
    ],
  ])('in a file that was %s meanwhile, and then in the new one', async (_how, rotate) => {
    const mark = await read('a\nb\n');
    await appendFile(path, 'c\nd\n');
    await rotate();
    await appendFile(path, 'e\n');
    const follower = resume(mark);
    expect(await lines(follower)).toStrictEqual(['c', 'd', 'e']);
    expect(follower.mark?.position).toBe(2);
  });

  test('through several rotations, the older compressed, and one that is being compressed', async () => {
    const mark = await read('a\n');
    await appendFile(path, 'b\n');
    await writeFile(`${path}.2.gz`, gzipSync(await readFile(path)));
    await rm(path);
    await writeFile(path, 'c\nd\n');
    await rename(path, `${path}.1`);
    await writeFile(`${path}.1.gz`, gzipSync('c\nd\n').subarray(0, 12));
    await writeFile(path, 'e\n');
    await writeFile(`${path}.bak`, 'never\n');
    expect(await lines(resume(mark))).toStrictEqual(['b', 'c', 'd', 'e']);
  });

  test('knows at each step where it stands, so that it may be stopped there as well', async () => {
    const mark = await read('a\n');
    await appendFile(path, 'b\nc\n');
    await rename(path, `${path}.1`);
    await writeFile(path, 'd\n');
    const stopped = resume(mark);
    expect((await stopped.look()).lines).toStrictEqual(['b', 'c']);
    expect(await lines(resume(stopped.mark as FileMark))).toStrictEqual(['d']);
  });

  test('a broken archive is told, and what follows is read', async () => {
    const mark = await read('a\n');
    await appendFile(path, 'b\n'.repeat(20_000));
    await writeFile(`${path}.1.gz`, gzipSync(await readFile(path)).subarray(0, 60));
    await writeFile(path, 'new\n');
    const follower = resume(mark);
    const told: string[] = [];
    const found: string[] = [];
    for (let atEnd = false; !atEnd;) {
      const news = await follower.look();
      told.push(...news.happened);
      found.push(...news.lines);
      ({ atEnd } = news);
    }
    expect(told.at(-1)).toMatch(/the rest of a rotated file cannot be read: /);
    expect(found.at(-1)).toBe('new');
  });

  test('a file that is gone is told, and the one in its place read from its start', async () => {
    const mark = await read('a\n');
    await rm(path);
    await writeFile(path, 'other\n');
    const news = await resume(mark).look();
    expect(news.lines).toStrictEqual(['other']);
    expect(news.happened).toStrictEqual([
      `${path}: the file that an earlier run read is not there any more`,
    ]);
  });
});

describe('the checkpoint', () => {
  const MARK: FileMark = { identity: '1:2', head: { bytes: 3, hash: 'ab' }, position: 9 };

  test('is read as it was written, and absent at first', async () => {
    const file = join(folder, 'tail.json');
    expect(await readCheckpoint(file)).toStrictEqual(new Map());
    await writeCheckpoint(file, new Map([[path, MARK]]));
    expect(await readCheckpoint(file)).toStrictEqual(new Map([[path, MARK]]));
  });

  test.each([
    '',
    '{}',
    '{"version":2,"files":[]}',
    '{"version":1,"files":[["a",{"position":-1}]]}',
  ])('that is %j is refused', async (text) => {
    const file = join(folder, 'tail.json');
    await writeFile(file, text);
    await expect(readCheckpoint(file)).rejects.toThrow('is no checkpoint');
  });

  test('goes no further than what is acknowledged', () => {
    const progress = { taken: 0, settled: 0 };
    const stream = {
      active: true,
      publish: () => 'accepted' as const,
      hold: () => undefined,
      progress,
    };
    const marks = new SettledMark<FileMark>(stream, null);
    const at = (position: number): FileMark => ({ ...MARK, position });
    marks.reached(at(10));
    expect(marks.settled?.position).toBe(10);
    progress.taken = 5;
    marks.reached(at(20));
    progress.taken = 9;
    marks.reached(at(30));
    marks.reached(at(31));
    progress.settled = 4;
    expect([marks.settled?.position, marks.isSettled]).toEqual([10, false]);
    progress.settled = 5;
    expect(marks.settled?.position).toBe(20);
    progress.settled = 9;
    expect([marks.settled?.position, marks.isSettled]).toEqual([31, true]);
  });
});

describe('patterns of files', () => {
  test.each([
    ['*.log', ['a.log', 'b.log']],
    ['?.log', ['a.log', 'b.log']],
    ['a*', ['a.log', 'a.txt']],
    ['*/x.log', ['deep/x.log', 'more/x.log']],
    ['**/x.log', ['deep/er/x.log', 'deep/x.log', 'more/x.log']],
    ['**/*.txt', ['a.txt', 'deep/er/y.txt']],
    ['deep/**', ['deep/er/x.log', 'deep/er/y.txt', 'deep/x.log']],
    ['.*', ['.hidden.log']],
    ['nothing/*.log', []],
    ['*a*l*o*g*', ['a.log']],
  ])('%s', async (pattern, expected) => {
    for (const place of ['deep/er', 'more']) await mkdir(join(folder, place), { recursive: true });
    const files = ['a.log', 'b.log', 'a.txt', '.hidden.log', 'deep/x.log', 'deep/er/x.log'];
    for (const file of [...files, 'deep/er/y.txt', 'more/x.log'])
      await writeFile(join(folder, file), '');
    const found = await filesOf(join(folder, pattern), 100);
    expect(found).toStrictEqual(expected.map((file) => join(folder, file)));
  });

  test('find no more than they may, and come to an end in a loop of links', async () => {
    await symlink(folder, join(folder, 'loop'));
    for (let i = 0; i < 5; i++) await writeFile(join(folder, `${i}.log`), '');
    expect(await filesOf(join(folder, '**/*.log'), 3)).toHaveLength(3);
    expect(await filesOf(join(folder, '**/*.log'), 100)).toHaveLength(5);
  });
});

describe('events of several lines', () => {
  test('begin at a match and go on until the next', () => {
    const joiner = new LineJoiner('^\\d', { linesMax: 10, lengthMax: 100 });
    expect(joiner.push(['1 boom', '  at x', '  at y', '2 ok', '3'])).toStrictEqual([
      '1 boom\n  at x\n  at y',
      '2 ok',
    ]);
    expect(joiner.isOpen).toBe(true);
    expect(joiner.push(['  at z'])).toStrictEqual([]);
    expect(joiner.finish()).toStrictEqual(['3\n  at z']);
    expect(joiner.isOpen).toBe(false);
  });

  test('are bounded in lines and length, and what is cut is counted', () => {
    const joiner = new LineJoiner('^x', { linesMax: 3, lengthMax: 20 });
    expect(joiner.push(['x', '1', '2', '3', '4', 'x'])).toStrictEqual(['x\n1\n2']);
    expect(joiner.cut).toBe(2);
    joiner.push(['a'.repeat(30)]);
    expect(joiner.cut).toBe(3);
    expect(() => new LineJoiner('(', { linesMax: 3, lengthMax: 20 })).toThrow('multiline: ');
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
