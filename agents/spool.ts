/**
 * Batches on disk while an engine is away: a queue of files between an agent's memory and its
 * socket, bounded in bytes. All work on files is done one after the other, off the event loop; what
 * waits for it is bounded as well. A disk that is full or broken costs events, which are counted,
 * and nothing else. A file is synced when it is full and when the agent closes, not with each
 * batch: a machine that loses its power loses what it had not written yet, of the last file, and
 * what is torn is left out. Files outlive the process: what a process that was killed had kept is
 * sent by the next of its service, but for what was on its way, which is counted as lost, because
 * it may have arrived.
 */
import { join } from 'node:path';
import type { Config } from '../src/config.ts';
import type { Clock } from '../src/core/clock.ts';
import {
  adoptFolders,
  fileName,
  filesOf,
  leaveFolder,
  ownFolder,
  releaseFolder,
  syncFolder,
} from './spool-folders.ts';
import type { SpoolNews, SpoolPort } from './spool-contract.ts';
import { encodeRecord, RECORD_HEADER_BYTES, STATE } from './spool-record.ts';
import type { RecordMeta } from './spool-record.ts';
import { SpoolSegment } from './spool-segment.ts';
import type { PlacedRecord } from './spool-segment.ts';
import type { StoredBatch, StoredPlace } from './stored-frame.ts';

type SpoolLimits = Pick<Config, 'agentSpoolBytes' | 'agentQueueBytes' | 'frameBytesMax'>;

export interface SpoolOptions {
  readonly directory: string;
  readonly service: string;
  /** May change while it is in use. */
  readonly limits: () => SpoolLimits;
  /** When it is full, the oldest file makes room. Else what comes is refused. */
  readonly dropsOldest: boolean;
  readonly clock: Clock;
  readonly onNews: (news: SpoolNews) => void;
  /** What is wrong with the disk, once until it is well again. */
  readonly onTrouble: (problem: string) => void;
}

/** Of all bytes, one file takes one part in so many. */
const SEGMENTS = 16;
const SEGMENT_BYTES_MIN = 16 * 1_024;
/** What waits to be written takes one part in so many of `agentQueueBytes`. */
const WAITING_SHARE = 4;
/** What a record says besides its frame, from above: a stream's name is short. */
const META_BYTES = 1_024;
/** After a failure nothing is written for so long. */
const REST_MS = 1_000;

export class Spool implements SpoolPort {
  readonly #options: SpoolOptions;
  /** Oldest first; the last is written if it is our own. */
  readonly #segments: SpoolSegment[] = [];
  /** Taken in and not yet written, by stream. */
  readonly #waiting = new Map<string, { rows: number; oldestMs: number }>();
  readonly #folders: string[] = [];
  /** One thing after the other; never rejects. */
  #work: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #restUntilMs = -Infinity;
  #isTroubled = false;
  #isReading = false;
  /** Set when it closes, once. */
  #closing: Promise<void> | null = null;
  #isClosed = false;
  #files = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  get holds(): boolean {
    if (this.#waitingBytes > 0 || this.#isReading) return true;
    return this.#segments.some((segment) => !segment.isRead);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get fill(): number {
    return (this.#bytes() + this.#waitingBytes) / this.#options.limits().agentSpoolBytes;
  }

  /** Takes over what processes before this one have left. Never rejects. */
  async open(): Promise<void> {
    const { clock, directory, service } = this.#options;
    const nowMs = clock.now();
    await this.#guarded(async () => {
      // The first folder is our own, so that a directory that is not there is made.
      this.#folders.push(await ownFolder(directory, service, nowMs));
      for (const folder of await adoptFolders(directory, service, nowMs)) {
        await this.#recover(folder);
      }
    });
  }

  push({ oldestMs, stored, stream, time }: StoredBatch): boolean {
    const { agentQueueBytes, agentSpoolBytes } = this.#options.limits();
    const { rows } = stored;
    const { clock, dropsOldest } = this.#options;
    const meta: RecordMeta = { stream, time, rows, oldestMs };
    const bytes = RECORD_HEADER_BYTES + META_BYTES + stored.bytes;
    const isFull = this.#bytes() + this.#waitingBytes + bytes > agentSpoolBytes;
    const isSlow = (this.#waitingBytes + bytes) * WAITING_SHARE > agentQueueBytes;
    const isRefused = isSlow || clock.now() < this.#restUntilMs || (isFull && !dropsOldest);
    if (this.#isClosed || isRefused || bytes > agentSpoolBytes) return false;
    const record = encodeRecord(meta, stored.frame);
    this.#wait(meta, record.length, 1);
    this.#then(async () => {
      try {
        await this.#write(record, meta);
      } catch (error) {
        this.#restUntilMs = clock.now() + REST_MS;
        this.#lose(stream, rows, true);
        throw error;
      } finally {
        this.#wait(meta, record.length, -1);
      }
    });
    return true;
  }

  read(): void {
    if (this.#isReading || this.#isClosed || !this.holds) return;
    this.#isReading = true;
    this.#then(async () => {
      try {
        await this.#readSome();
      } finally {
        this.#isReading = false;
      }
    });
  }

  done(place: StoredPlace): void {
    this.#settle(place, STATE.done);
  }

  putBack(place: StoredPlace): void {
    this.#settle(place, STATE.waiting);
  }

  rows(stream: string): number {
    let rows = this.#waiting.get(stream)?.rows ?? 0;
    for (const { unread } of this.#segments) rows += unread.get(stream)?.rows ?? 0;
    return rows;
  }

  oldestMs(stream: string): number {
    let oldestMs = this.#waiting.get(stream)?.oldestMs ?? Infinity;
    for (const { unread } of this.#segments) {
      oldestMs = Math.min(oldestMs, unread.get(stream)?.oldestMs ?? Infinity);
    }
    return oldestMs;
  }

  /** Resolves when what was asked for so far is done. Never rejects. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** What waits is written; files that hold something stay for the next process. Never rejects. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    const { directory } = this.#options;
    for (const segment of this.#segments)
      await (segment.isOver ? segment.remove() : this.#guarded(() => segment.closeSynced()));
    for (const folder of this.#folders) {
      await releaseFolder(directory, folder);
      await syncFolder(join(directory, folder));
      leaveFolder(directory, folder);
    }
    if (this.#folders.length > 0) await syncFolder(directory);
  }

  async #recover(folder: string): Promise<void> {
    const { directory, limits } = this.#options;
    this.#folders.push(folder);
    for (const file of await filesOf(join(directory, folder))) {
      const options = { isOwn: false, frameBytesMax: limits().frameBytesMax };
      await this.#guarded(async () => {
        const path = join(directory, folder, file);
        const segment = await SpoolSegment.recover(path, options, ({ rows, stream }) => {
          this.#lose(stream, rows, false);
        });
        if (segment.isRead) await segment.remove();
        else this.#segments.push(segment);
      });
    }
  }

  async #write(record: Buffer, meta: RecordMeta): Promise<void> {
    const segment = await this.#roomFor(record.length);
    await segment.append(record, meta);
    this.#isTroubled = false;
  }

  /** The file to write to, made if need be; those that were read to their end are not kept. */
  async #roomFor(bytes: number): Promise<SpoolSegment> {
    const { directory, limits } = this.#options;
    const { agentSpoolBytes, frameBytesMax } = limits();
    await this.#removeOver();
    while (this.#bytes() + bytes > agentSpoolBytes && this.#segments.length > 0) {
      await this.#removeOldest();
    }
    const last = this.#segments.at(-1);
    const bytesMax = Math.max(SEGMENT_BYTES_MIN, agentSpoolBytes / SEGMENTS);
    if (last?.isOwn === true && !last.isRead && last.bytes + bytes <= bytesMax) return last;
    if (last?.isOwn === true && !last.isRead) await last.sync();
    const folder = join(directory, this.#folders[0] ?? '');
    const path = join(folder, fileName(++this.#files));
    const segment = await SpoolSegment.create(path, { isOwn: true, frameBytesMax });
    await syncFolder(folder);
    this.#segments.push(segment);
    return segment;
  }

  async #removeOldest(): Promise<void> {
    const oldest = this.#segments.shift();
    if (oldest === undefined) return;
    this.#loseUnread(oldest);
    await oldest.remove();
  }

  async #removeOver(): Promise<void> {
    for (const segment of this.#segments.filter(({ isOver }) => isOver)) {
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      await segment.remove();
    }
  }

  async #readSome(): Promise<void> {
    const segment = this.#segments.find(({ isRead }) => !isRead);
    if (segment === undefined) return;
    try {
      const records = await segment.read();
      const batches = records.map((record) => batchFrom(segment, record));
      if (batches.length > 0) this.#options.onNews({ type: 'loaded', batches });
    } catch (error) {
      this.#loseUnread(segment);
      throw error;
    }
  }

  #settle({ offset, segment }: StoredPlace, state: number): void {
    const known = this.#segments.find((one) => one === segment);
    if (known === undefined) return;
    known.settled(state === STATE.waiting);
    this.#then(async () => {
      // Of a file that goes the states do not matter.
      if (!known.isOver) await known.mark(offset, state);
      await this.#removeOver();
    });
  }

  #loseUnread(segment: SpoolSegment): void {
    const lost = [...segment.unread];
    segment.giveUp();
    for (const [stream, { rows }] of lost) this.#lose(stream, rows, segment.isOwn);
  }

  #lose(stream: string, rows: number, isOwn: boolean): void {
    this.#options.onNews({ type: 'lost', stream, rows, isOwn });
  }

  #wait({ oldestMs, rows, stream }: RecordMeta, bytes: number, sign: 1 | -1): void {
    this.#waitingBytes += sign * bytes;
    const waiting = this.#waiting.get(stream) ?? { rows: 0, oldestMs: Infinity };
    waiting.rows += sign * rows;
    waiting.oldestMs = Math.min(waiting.oldestMs, oldestMs);
    if (waiting.rows > 0) this.#waiting.set(stream, waiting);
    else this.#waiting.delete(stream);
  }

  #bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(() => this.#guarded(step));
  }

  async #guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#isTroubled) return;
      this.#isTroubled = true;
      this.#options.onTrouble(error instanceof Error ? error.message : String(error));
    }
  }
}

function batchFrom(segment: SpoolSegment, { frame, meta, offset }: PlacedRecord): StoredBatch {
  const { oldestMs, rows, stream, time } = meta;
  const place = { segment, offset };
  const stored = { rows, bytes: frame.length, frame, place };
  return { stream, time, oldestMs, stored, isOwn: segment.isOwn };
}
