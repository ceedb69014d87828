/**
 * One file of a spool: written at its end, read from its start, and removed when all that was in
 * it is done. What of it was not read is accounted for by stream, so that a file that is lost or
 * has to make room is lost with a number. A torn or damaged end is left out when it is opened.
 */
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { decodeRecord, RECORD_HEADER_BYTES, recordBytes, STATE } from './spool-record.ts';
import type { RecordMeta, SpoolRecord } from './spool-record.ts';

/** Read at once, if one record is not larger. */
const READ_BYTES = 512 * 1_024;
const RECORDS_A_READ = 64;

export interface UnreadRows {
  rows: number;
  /** None is older. */
  oldestMs: number;
}

export interface PlacedRecord extends SpoolRecord {
  readonly offset: number;
}

export class SpoolSegment {
  readonly path: string;
  /** Of an earlier process, which has ended. */
  readonly isOwn: boolean;
  readonly unread = new Map<string, UnreadRows>();
  readonly #handle: FileHandle;
  readonly #frameBytesMax: number;
  #bytes = 0;
  #readAt = 0;
  /** Records that are not done. */
  #open = 0;
  #isKept = false;

  private constructor(path: string, handle: FileHandle, of: SegmentOptions) {
    this.path = path;
    this.#handle = handle;
    this.isOwn = of.isOwn;
    this.#frameBytesMax = of.frameBytesMax;
  }

  /** A new file. @throws What the file system says. */
  static async create(path: string, options: SegmentOptions): Promise<SpoolSegment> {
    return new SpoolSegment(path, await open(path, 'wx+', 0o600), options);
  }

  /**
   * A file of a process that has ended. `taken`: what it had taken and not heard of.
   * @throws What the file system says.
   */
  static async recover(
    path: string,
    options: SegmentOptions,
    onTaken: (meta: RecordMeta) => void,
  ): Promise<SpoolSegment> {
    const segment = new SpoolSegment(path, await open(path, 'r+'), options);
    const { size } = await segment.#handle.stat();
    for (;;) {
      const records = await segment.#records(segment.#bytes, size);
      for (const { byteLength, meta, offset, state } of records) {
        segment.#bytes = offset + byteLength;
        if (state === STATE.waiting) segment.#account(meta);
        else if (state === STATE.taken) onTaken(meta);
      }
      if (records.length === 0) return segment;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isRead(): boolean {
    return this.#readAt >= this.#bytes;
  }

  /** Nothing in it is of use any more. */
  get isOver(): boolean {
    return this.isRead && this.#open === 0 && !this.#isKept;
  }

  /** At its end. @throws What the file system says; the file is then as it was. */
  async append(record: Buffer, meta: RecordMeta): Promise<void> {
    try {
      await this.#write(record, this.#bytes);
    } catch (error) {
      // Half a record must not stand before a whole one. If this fails too, the next overwrites it.
      await this.#handle.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
    this.#bytes += record.length;
    this.#account(meta);
  }

  /** The next few, which count as taken; none: all was read. @throws What the file system says. */
  async read(): Promise<readonly PlacedRecord[]> {
    while (!this.isRead) {
      const records = await this.#records(this.#readAt, this.#bytes);
      // What was whole when it was written or opened is damaged now.
      if (records.length === 0) throw new Error(`${this.path} is damaged`);
      const last = records.at(-1)!;
      const waiting = records.filter(({ state }) => state === STATE.waiting);
      for (const { offset } of waiting) await this.mark(offset, STATE.taken);
      this.#readAt = last.offset + last.byteLength;
      for (const { meta } of waiting) this.#discount(meta);
      this.#open += waiting.length;
      if (waiting.length > 0) return waiting;
    }
    return [];
  }

  /** @throws What the file system says. */
  async mark(offset: number, state: number): Promise<void> {
    await this.#write(Buffer.of(state), offset);
  }

  /** A record that was read is done, or `isKept` for the next process. */
  settled(isKept: boolean): void {
    this.#open--;
    this.#isKept ||= isKept;
  }

  /** Nothing more is read from it. */
  giveUp(): void {
    this.unread.clear();
    this.#readAt = this.#bytes;
  }

  /** What was written is on the disk. @throws What the file system says. */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** For the next process, which may be on a machine that was switched off in between. */
  async closeSynced(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async remove(): Promise<void> {
    await this.close();
    await unlink(this.path).catch(() => undefined);
  }

  /** Whole records between `offset` and `end`, as many as one read gives. */
  async #records(offset: number, end: number): Promise<readonly PlacedRecord[]> {
    let bytes = await this.#bytesAt(offset, Math.min(READ_BYTES, end - offset));
    const first = recordBytes(bytes, this.#frameBytesMax);
    if (first === null || offset + first > end) return [];
    if (first > bytes.length) bytes = await this.#bytesAt(offset, first);
    const records: PlacedRecord[] = [];
    let at = 0;
    while (records.length < RECORDS_A_READ && bytes.length - at >= RECORD_HEADER_BYTES) {
      const length = recordBytes(bytes.subarray(at), this.#frameBytesMax);
      if (length === null || at + length > bytes.length) break;
      const record = decodeRecord(bytes.subarray(at, at + length));
      if (record === null) break;
      records.push({ ...record, offset: offset + at });
      at += length;
    }
    return records;
  }

  async #bytesAt(offset: number, length: number): Promise<Buffer> {
    if (length <= 0) return Buffer.alloc(0);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await this.#handle.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** A full disk may take a part. */
  async #write(bytes: Buffer, offset: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        offset + done,
      );
      if (bytesWritten === 0) throw new Error(`nothing was written to ${this.path}`);
      done += bytesWritten;
    }
  }

  #account({ oldestMs, rows, stream }: RecordMeta): void {
    const unread = this.unread.get(stream);
    if (unread === undefined) this.unread.set(stream, { rows, oldestMs });
    else {
      unread.rows += rows;
      unread.oldestMs = Math.min(unread.oldestMs, oldestMs);
    }
  }

  #discount({ rows, stream }: RecordMeta): void {
    const unread = this.unread.get(stream);
    if (unread === undefined) return;
    unread.rows -= rows;
    if (unread.rows <= 0) this.unread.delete(stream);
  }
}

export interface SegmentOptions {
  readonly isOwn: boolean;
  readonly frameBytesMax: number;
}
