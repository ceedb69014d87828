/**
 * Follows a path through rotation: when the name comes to mean another file, the new one is read
 * from its start, and the old one goes on being read until nothing has come for a while, because a
 * writer keeps its old file open for a moment. Truncation (copytruncate) starts over at 0. Not
 * noticed is a file that was cut and has outgrown its old size between two looks.
 */
import { stat } from 'node:fs/promises';
import { FollowedFile, identityOf, isMissing } from './followed-file.ts';
import type { FileBounds } from './followed-file.ts';

export interface FollowerNews {
  readonly lines: readonly string[];
  /** Everything that stood in the files when we looked was read. */
  readonly atEnd: boolean;
  /** What happened to the file, for the terminal. */
  readonly happened: readonly string[];
}

/** An old file is closed after so many looks in a row that brought nothing. */
const QUIET_LOOKS = 40;

interface OldFile {
  readonly file: FollowedFile;
  quietLooks: number;
}

export class FileFollower {
  readonly path: string;
  readonly #bounds: FileBounds;
  #from: 'start' | 'end';
  #current: FollowedFile | null = null;
  #old: OldFile[] = [];
  #missingTold = false;

  constructor(path: string, from: 'start' | 'end', bounds: FileBounds) {
    this.path = path;
    this.#from = from;
    this.#bounds = bounds;
  }

  /** Reads once from each open file. */
  async look(): Promise<FollowerNews> {
    const lines: string[] = [];
    const happened: string[] = [];
    let atEnd = await this.#lookAtOld(lines);
    await this.#findCurrent(happened);
    if (this.#current !== null) {
      const news = await this.#current.read();
      append(lines, news.lines);
      atEnd &&= news.atEnd;
      if (news.truncated) happened.push(`${this.path} was truncated; reading from its start`);
    }
    return { lines, atEnd, happened };
  }

  /** The first lines of the file as it is now. */
  async head(lineCount: number): Promise<readonly string[]> {
    await this.#findCurrent([]);
    return (await this.#current?.head(lineCount)) ?? [];
  }

  async close(): Promise<void> {
    for (const { file } of this.#old) await file.close();
    await this.#current?.close();
    this.#old = [];
    this.#current = null;
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
      if (this.#current === null && !this.#missingTold) {
        happened.push(`${this.path} is not there yet; waiting for it`);
        this.#missingTold = true;
        // What appears later was written while we watched.
        this.#from = 'start';
      }
      return;
    }
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
