/**
 * Where a source stands, in a file that is replaced as a whole, so that a process which is killed
 * leaves the old state or the new one and never half of either.
 */
import { open, readFile, rename } from 'node:fs/promises';
import type { FileMark } from './file-head.ts';
import { isMissing } from './followed-file.ts';

const VERSION = 1;

/**
 * By path. @throws Error with a sentence for the user if there is a file and it is none of ours.
 */
export async function readCheckpoint(path: string): Promise<Map<string, FileMark>> {
  const text = await readText(path);
  if (text === null) return new Map();
  const files = filesIn(text);
  if (files === null) throw new Error(`${path} is no checkpoint of squilla agent tail`);
  return new Map(files);
}

export async function writeCheckpoint(
  path: string,
  marks: ReadonlyMap<string, FileMark>,
): Promise<void> {
  await writeWhole(path, JSON.stringify({ version: VERSION, files: [...marks] }));
}

/** Null: there is no such file. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whoever reads the file finds the text before or this one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** Null: not what `writeCheckpoint` wrote. */
function filesIn(text: string): [string, FileMark][] | null {
  try {
    const { version, files } = JSON.parse(text) as { version: unknown; files: unknown };
    if (version !== VERSION || !Array.isArray(files)) return null;
    return files.every(isEntry) ? files : null;
  } catch {
    return null;
  }
}

function isEntry(entry: unknown): entry is [string, FileMark] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const { identity, head, position } = Object(entry[1]) as Partial<FileMark>;
  const { bytes, hash } = Object(head) as Partial<FileMark['head']>;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
  return (
    typeof identity === 'string' && isCount(position) && isCount(bytes) && typeof hash === 'string'
  );
}
