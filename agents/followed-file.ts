/** One open file that grows: reads on from where it stood, notices when it was cut. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { LineSplitter } from './line-splitter.ts';

/** What one look at the file brought. */
export interface FileNews {
  readonly lines: readonly string[];
  /** Nothing was left unread when we looked. */
  readonly atEnd: boolean;
  /** The file became shorter and is read from its start again. */
  readonly truncated: boolean;
}

export class FollowedFile {
  readonly identity: string;
  readonly #handle: FileHandle;
  readonly #splitter: LineSplitter;
  readonly #chunk: Buffer;
  #offset: number;

  private constructor(handle: FileHandle, identity: string, offset: number, bounds: FileBounds) {
    this.#handle = handle;
    this.identity = identity;
    this.#offset = offset;
    this.#splitter = new LineSplitter(bounds.lineBytesMax);
    this.#chunk = Buffer.allocUnsafe(bounds.readBytesMax);
  }

  /** Null: there is no such file (yet). */
  static async open(
    path: string,
    from: 'start' | 'end',
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
    const offset = from === 'end' ? Number(stat.size) : 0;
    return new FollowedFile(handle, identityOf(stat), offset, bounds);
  }

  get oversize(): number {
    return this.#splitter.oversize;
  }

  /** Reads at most `readBytesMax`. */
  async read(): Promise<FileNews> {
    const { size } = await this.#handle.stat();
    const truncated = size < this.#offset;
    if (truncated) {
      this.#offset = 0;
      this.#splitter.reset();
    }
    const { bytesRead } = await this.#handle.read(this.#chunk, 0, this.#chunk.length, this.#offset);
    this.#offset += bytesRead;
    const lines = this.#splitter.push(this.#chunk.subarray(0, bytesRead));
    return { lines, atEnd: this.#offset >= size, truncated };
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
