/**
 * What became of a file that was rotated while nobody read it: renamed, copied before it was cut,
 * compressed with gzip or all of that. It is known by its first bytes; files rotated after it were
 * written after it and are read from their start.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { hasHead, HEAD_BYTES_MAX, headOf } from './file-head.ts';
import type { FileMark } from './file-head.ts';
import { identityOf } from './followed-file.ts';
import { LineSplitter } from './line-splitter.ts';

export interface RotatedFile {
  readonly path: string;
  readonly identity: string;
  /** Its first bytes, as they were written. */
  readonly first: Buffer;
  /** Bytes of it, as they were written, that are read already. */
  readonly from: number;
}

/** What logrotate and its like put behind a name: `.1`, `-20261128.gz`, `.2026-11-28`. */
const SUFFIX = /^[.\-_]\d[\d\-_T]*(?:\.gz)?$/;
const GZIP_MAGIC = 0x1f8b;

/**
 * Oldest first: the file of that mark and those rotated after it. Empty: it is not there any more,
 * or is not rotated.
 */
export async function rotatedSince(path: string, mark: FileMark): Promise<RotatedFile[]> {
  const files = await siblingsOf(path);
  const at = files.findIndex(({ first, size, isGzip }) => {
    // A file that nobody had read anything of cannot be told from others.
    if (mark.head.bytes === 0 || !hasHead(first, mark.head)) return false;
    return isGzip || size >= mark.position;
  });
  if (at < 0) return [];
  return files.slice(at).map(({ path: found, identity, first }, i) => {
    return { path: found, identity, first, from: i === 0 ? mark.position : 0 };
  });
}

/** Whole lines of the file from there on, with where reading stands after them. */
export async function* readRotated(
  file: RotatedFile,
  lineBytesMax: number,
): AsyncGenerator<{ readonly lines: readonly string[]; readonly mark: FileMark }> {
  const splitter = new LineSplitter(lineBytesMax);
  const head = headOf(file.first);
  let skip = file.from;
  let offset = file.from;
  for await (const chunk of bytesOf(file.path)) {
    const kept = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - kept.length;
    offset += kept.length;
    const lines = splitter.push(kept);
    const position = offset - splitter.pendingBytes;
    if (lines.length > 0) yield { lines, mark: { identity: file.identity, head, position } };
  }
}

interface Sibling extends Omit<RotatedFile, 'from'> {
  readonly size: number;
  readonly isGzip: boolean;
  readonly writtenNs: number;
}

/** Oldest first. */
async function siblingsOf(path: string): Promise<Sibling[]> {
  const folder = dirname(path);
  const base = basename(path);
  const all = new Set(await readdir(folder).catch((): string[] => []));
  const names = [...all].filter((name) => {
    if (!name.startsWith(base) || !SUFFIX.test(name.slice(base.length))) return false;
    // While gzip works, both are there, and the compressed one is not whole.
    return !(name.endsWith('.gz') && all.has(name.slice(0, -'.gz'.length)));
  });
  const files = await Promise.all(names.map((name) => siblingAt(join(folder, name))));
  return files
    .filter((file) => file !== null)
    .toSorted((a, b) => a.writtenNs - b.writtenNs || (a.path < b.path ? 1 : -1));
}

/** Null: it is gone, or is no file that can be read. */
async function siblingAt(path: string): Promise<Sibling | null> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) return null;
    const isGzip = await isCompressed(path);
    const first = await firstBytes(path);
    const identity = identityOf(found);
    const size = Number(found.size);
    return { path, identity, first, size, isGzip, writtenNs: Number(found.mtimeNs) };
  } catch {
    // Rotated on meanwhile, not ours to read, or no gzip after all.
    return null;
  }
}

async function isCompressed(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    return magic.readUInt16BE(0) === GZIP_MAGIC;
  } finally {
    await handle.close();
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(path)) {
    pieces.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES_MAX) break;
  }
  return Buffer.concat(pieces).subarray(0, HEAD_BYTES_MAX);
}

/** The file as it was written, whether it is compressed or not. */
async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(path);
  const source: Readable = (await isCompressed(path)) ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => source.destroy(error));
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } finally {
    raw.destroy();
  }
}
