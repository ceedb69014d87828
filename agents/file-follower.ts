/**
 * Follows a path through rotation: when the name comes to mean another file, the new one is read
 * from its start, and the old one goes on being read until nothing has come for a while, because a
 * writer keeps its old file open for a moment. A file that was cut (copytruncate) starts over at 0,
 * after what of its copy was not read yet. From a mark of an earlier run it goes on where that
 * stood, through files that were rotated meanwhile.
 */
import { stat } from 'node:fs/promises';
import type { FileMark } from './file-head.ts';
import { FollowedFile, identityOf, isMissing } from './followed-file.ts';
import type { FileBounds } from './followed-file.ts';
import { readRotated, rotatedSince } from './rotated-files.ts';

export interface FollowerNews {
  readonly lines: readonly string[];
  /** Everything that stood in the files when we looked was read. */
  readonly atEnd: boolean;
  /** What happened to the file, for the terminal. */
  readonly happened: readonly string[];
}

export interface FollowerStart {
  /** Where reading begins if there is no mark. */
  readonly from: 'start' | 'end';
  /** Of an earlier run. */
  readonly mark?: FileMark | undefined;
}

/** An old file is closed after so many looks in a row that brought nothing. */
const QUIET_LOOKS = 40;

interface OldFile {
  readonly file: FollowedFile;
  quietLooks: number;
}

type Piece = { readonly lines: readonly string[]; readonly mark: FileMark };

export class FileFollower {
  readonly path: string;
  readonly #bounds: FileBounds;
  #from: 'start' | 'end' | number;
  /** Of an earlier run, until it was looked for. */
  #resume: FileMark | null;
  /** Rotated files that are read before all others; null: none are. */
  #catchingUp: AsyncIterator<Piece> | null = null;
  #caughtUp: FileMark | null = null;
  #current: FollowedFile | null = null;
  #old: OldFile[] = [];
  #missingLooks = 0;

  constructor(path: string, start: FollowerStart, bounds: FileBounds) {
    this.path = path;
    this.#from = start.from;
    this.#resume = start.mark ?? null;
    this.#bounds = bounds;
  }

  /** Where reading stands in the oldest file that still brings something; null: nowhere yet. */
  get mark(): FileMark | null {
    if (this.#resume !== null) return this.#resume;
    if (this.#catchingUp !== null) return this.#caughtUp;
    const unfinished = this.#old.find(({ quietLooks }) => quietLooks === 0);
    return (unfinished?.file ?? this.#current)?.mark ?? null;
  }

  /** The path has meant nothing for a while, and all was read. */
  get isGone(): boolean {
    return this.#missingLooks > QUIET_LOOKS && this.#old.length === 0;
  }

  /** Reads once from each open file. */
  async look(): Promise<FollowerNews> {
    const lines: string[] = [];
    const happened: string[] = [];
    if (this.#resume !== null) await this.#takeUp(this.#resume, happened);
    if (this.#catchingUp !== null) {
      await this.#catchUp(lines, happened);
      return { lines, atEnd: false, happened };
    }
    let atEnd = await this.#lookAtOld(lines);
    await this.#findCurrent(happened);
    if (this.#current !== null) {
      const news = await this.#current.read();
      if (news.cut !== null) {
        happened.push(`${this.path} was truncated; reading from its start`);
        const behind = { lines: news.lines, mark: this.#current.mark };
        if (await this.#finishCopy(news.cut, behind)) {
          await this.#catchUp(lines, happened);
          return { lines, atEnd: false, happened };
        }
      }
      append(lines, news.lines);
      atEnd &&= news.atEnd;
    }
    return { lines, atEnd, happened };
  }

  /** The first lines of the file as it is now. */
  async head(lineCount: number): Promise<readonly string[]> {
    if (this.#current !== null) return this.#current.head(lineCount);
    // Looked at apart, for where reading begins may depend on what an earlier run left.
    const file = await FollowedFile.open(this.path, 'start', this.#bounds);
    const lines = (await file?.head(lineCount)) ?? [];
    await file?.close();
    if (file !== null && this.#from === 'end' && this.#resume === null) await this.#findCurrent([]);
    return lines;
  }

  async close(): Promise<void> {
    for (const { file } of this.#old) await file.close();
    await this.#current?.close();
    await this.#catchingUp?.return?.();
    this.#old = [];
    this.#current = null;
  }

  /** Goes on from an earlier run's mark, in the same file or in what it was rotated to. */
  async #takeUp(mark: FileMark, happened: string[]): Promise<void> {
    this.#resume = null;
    this.#from = 'start';
    if (await this.#isSame(mark)) {
      this.#from = mark.position;
      return;
    }
    const files = await rotatedSince(this.path, mark);
    if (files.length === 0) {
      happened.push(`${this.path}: the file that an earlier run read is not there any more`);
      return;
    }
    const { lineBytesMax } = this.#bounds;
    this.#caughtUp = mark;
    this.#catchingUp = (async function* () {
      for (const file of files) yield* readRotated(file, lineBytesMax);
    })();
    happened.push(`${this.path}: reading on in ${files.map(({ path }) => path).join(', ')}`);
  }

  /** The path means the file that it meant then, and it has grown since at most. */
  async #isSame(mark: FileMark): Promise<boolean> {
    if ((await identityAt(this.path)) !== mark.identity) return false;
    const file = await FollowedFile.open(this.path, mark.position, this.#bounds);
    const isSame = file !== null && (await file.continues(mark));
    await file?.close();
    return isSame;
  }

  async #catchUp(lines: string[], happened: string[]): Promise<void> {
    try {
      const next = await this.#catchingUp?.next();
      if (next !== undefined && next.done !== true) {
        append(lines, next.value.lines);
        this.#caughtUp = next.value.mark;
        return;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      happened.push(`${this.path}: the rest of a rotated file cannot be read: ${reason}`);
    }
    this.#catchingUp = null;
  }

  /**
   * What was written between the last look and the cut stands in the copy; `behind` is what came
   * after it. False: there is no copy.
   */
  async #finishCopy(cut: FileMark, behind: Piece): Promise<boolean> {
    const [copy] = await rotatedSince(this.path, cut);
    if (copy === undefined) return false;
    const { lineBytesMax } = this.#bounds;
    this.#caughtUp = cut;
    this.#catchingUp = (async function* () {
      try {
        yield* readRotated(copy, lineBytesMax);
      } finally {
        // Whatever is wrong with the copy, what came after it is read already.
        yield behind;
      }
    })();
    return true;
  }

  async #lookAtOld(lines: string[]): Promise<boolean> {
    let atEnd = true;
    for (const old of this.#old) {
      const news = await old.file.read();
      append(lines, news.lines);
      atEnd &&= news.atEnd;
      old.quietLooks = news.lines.length === 0 && news.atEnd ? old.quietLooks + 1 : 0;
    }
    const done = this.#old.filter((old) => old.quietLooks >= QUIET_LOOKS);
    this.#old = this.#old.filter((old) => old.quietLooks < QUIET_LOOKS);
    for (const { file } of done) await file.close();
    return atEnd;
  }

  /** Opens the path if it is new or means another file than before. */
  async #findCurrent(happened: string[]): Promise<void> {
    const identity = await identityAt(this.path);
    if (identity === null) {
      if (this.#current === null && this.#missingLooks === 0) {
        happened.push(`${this.path} is not there yet; waiting for it`);
        // What appears later was written while we watched.
        this.#from = 'start';
      }
      this.#missingLooks++;
      return;
    }
    this.#missingLooks = 0;
    if (identity === this.#current?.identity) return;
    const file = await FollowedFile.open(this.path, this.#from, this.#bounds);
    if (file === null) return;
    this.#from = 'start';
    if (this.#current !== null) {
      happened.push(`${this.path} was rotated; reading the new file`);
      this.#old.push({ file: this.#current, quietLooks: 0 });
    }
    this.#current = file;
  }
}

async function identityAt(path: string): Promise<string | null> {
  try {
    return identityOf(await stat(path, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function append(target: string[], lines: readonly string[]): void {
  for (const line of lines) target.push(line);
}
