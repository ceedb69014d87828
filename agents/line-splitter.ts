/**
 * Bytes into lines. The last, unfinished line is held as bytes, so that a character cut in two by a
 * read comes out whole. A line beyond the bound is skipped to its end and counted.
 */
const NEWLINE = 0x0a;

export class LineSplitter {
  readonly #lineBytesMax: number;
  #rest: Buffer = Buffer.alloc(0);
  #skipping = false;
  #skippedBytes = 0;
  #oversize = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Lines that were too long, so far. */
  get oversize(): number {
    return this.#oversize;
  }

  /** Whether the last byte seen was not the end of a line. */
  get partial(): boolean {
    return this.#rest.length > 0 || this.#skipping;
  }

  /** Bytes of the line that has not ended. */
  get pendingBytes(): number {
    return this.#skipping ? this.#skippedBytes : this.#rest.length;
  }

  /** The lines that `bytes` complete; `bytes` may be used again afterwards. */
  push(bytes: Buffer): readonly string[] {
    let from = 0;
    if (this.#skipping) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) {
        this.#skippedBytes += bytes.length;
        return [];
      }
      this.#skipping = false;
      from = end + 1;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    if (last < from) {
      this.#keep(Buffer.concat([this.#rest, bytes.subarray(from)]));
      return [];
    }
    const whole = Buffer.concat([this.#rest, bytes.subarray(from, last)]).toString('utf8');
    this.#rest = Buffer.alloc(0);
    this.#keep(Buffer.from(bytes.subarray(last + 1)));
    return this.#bounded(whole.split('\n'));
  }

  /** The unfinished line, at the end of input; empty: there is none. */
  finish(): string {
    const text = this.#rest.toString('utf8');
    this.reset();
    return withoutReturn(text);
  }

  reset(): void {
    this.#rest = Buffer.alloc(0);
    this.#skipping = false;
  }

  #keep(rest: Buffer): void {
    this.#rest = rest;
    if (rest.length <= this.#lineBytesMax) return;
    this.reset();
    this.#skipping = true;
    this.#skippedBytes = rest.length;
    this.#oversize++;
  }

  #bounded(lines: readonly string[]): readonly string[] {
    const kept = lines.filter((line) => line.length <= this.#lineBytesMax);
    this.#oversize += lines.length - kept.length;
    return kept.map(withoutReturn);
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
