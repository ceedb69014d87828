/**
 * One open file that grows: reads on from where it stood, and notices when it was cut, also if it
 * has outgrown its old size since, by its first bytes.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hasHead, HEAD_BYTES_MAX, headOf } from './file-head.ts';
import type { FileHead, FileMark } from './file-head.ts';
import { LineSplitter } from './line-splitter.ts';

/** What one look at the file brought. */
export interface FileNews {
  readonly lines: readonly string[];
  /** Nothing was left unread when we looked. */
  readonly atEnd: boolean;
  /** Where it stood when the file was cut, to be read from its start again; null: it was not. */
  readonly cut: FileMark | null;
}

export class FollowedFile {
  readonly identity: string;
  readonly #handle: FileHandle;
  readonly #splitter: LineSplitter;
  readonly #chunk: Buffer;
  #offset: number;
  #writtenMs = 0;
  #head: FileHead = headOf(Buffer.alloc(0));

  private constructor(handle: FileHandle, identity: string, offset: number, bounds: FileBounds) {
    this.#handle = handle;
    this.identity = identity;
    this.#offset = offset;
    this.#splitter = new LineSplitter(bounds.lineBytesMax);
    this.#chunk = Buffer.allocUnsafe(bounds.readBytesMax);
  }

  /** Null: there is no such file (yet). A number: so many bytes are read already. */
  static async open(
    path: string,
    from: 'start' | 'end' | number,
    bounds: FileBounds,
  ): Promise<FollowedFile | null> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    const stat = await handle.stat({ bigint: true });
    const offset = from === 'end' ? Number(stat.size) : from === 'start' ? 0 : from;
    const file = new FollowedFile(handle, identityOf(stat), offset, bounds);
    await file.#learnHead();
    return file;
  }

  get oversize(): number {
    return this.#splitter.oversize;
  }

  get mark(): FileMark {
    const position = this.#offset - this.#splitter.pendingBytes;
    return { identity: this.identity, head: this.#head, position };
  }

  /** It begins as the marked file did, and is no shorter than what was read of that. */
  async continues({ head, position }: FileMark): Promise<boolean> {
    const { size } = await this.#handle.stat();
    return size >= position && hasHead(await this.#first(head.bytes), head);
  }

  /** Reads at most `readBytesMax`. */
  async read(): Promise<FileNews> {
    const { size, mtimeMs } = await this.#handle.stat();
    const { mark } = this;
    const isWritten = mtimeMs !== this.#writtenMs || size > this.#offset;
    const isCut = size < this.#offset || (isWritten && !(await this.#isTheSame()));
    this.#writtenMs = mtimeMs;
    if (isCut) {
      this.#offset = 0;
      this.#splitter.reset();
      this.#head = headOf(Buffer.alloc(0));
    }
    const { bytesRead } = await this.#handle.read(this.#chunk, 0, this.#chunk.length, this.#offset);
    this.#offset += bytesRead;
    const lines = this.#splitter.push(this.#chunk.subarray(0, bytesRead));
    if (bytesRead > 0 && this.#head.bytes < HEAD_BYTES_MAX) await this.#learnHead();
    return { lines, atEnd: this.#offset >= size, cut: isCut ? mark : null };
  }

  /** The first lines of the file, wherever reading stands. */
  async head(lineCount: number): Promise<readonly string[]> {
    const { bytesRead } = await this.#handle.read(this.#chunk, 0, this.#chunk.length, 0);
    const splitter = new LineSplitter(this.#chunk.length);
    return splitter.push(this.#chunk.subarray(0, bytesRead)).slice(0, lineCount);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #isTheSame(): Promise<boolean> {
    return this.#head.bytes === 0 || hasHead(await this.#first(this.#head.bytes), this.#head);
  }

  /** Of what was read only: what is behind it may still be written. */
  async #learnHead(): Promise<void> {
    this.#head = headOf(await this.#first(Math.min(this.#offset, HEAD_BYTES_MAX)));
  }

  async #first(bytes: number): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes);
    // Node refuses to read into nothing.
    if (bytes === 0) return buffer;
    const { bytesRead } = await this.#handle.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  }
}

export interface FileBounds {
  readonly readBytesMax: number;
  readonly lineBytesMax: number;
}

/** Tells a file from another that took its name. */
export function identityOf(stat: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stat.dev}:${stat.ino}`;
}

export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ENOENT';
}
