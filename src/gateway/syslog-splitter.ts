/**
 * Messages out of one TCP connection of syslog (RFC 6587), by either way of telling them apart:
 * each with its length before it, or each with a newline (or zero) behind it. A message that begins
 * with a digit has its length; one without begins with `<`. Messages beyond the bound are left out,
 * and counted.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6587
 */
const ZERO = 0x30;
const NINE = 0x39;
const BLANK = 0x20;
const NEWLINE = 0x0a;
/** Digits of a length. */
const DIGITS_MAX = 9;
const NOTHING = new Uint8Array();

export class SyslogSplitter {
  readonly #bytesMax: number;
  /** What came of a message that has not ended: `#from` to `#to`. */
  #buffer: Uint8Array = NOTHING;
  #from = 0;
  #to = 0;
  /** Of what is held, so much has no end of a line in it. */
  #searched = 0;
  /** Bytes still to be passed over; Infinity: up to the next newline or zero. */
  #skip = 0;
  /** Messages that were too long, or had no length where one began. */
  refused = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether the last message has ended and no other has begun. */
  get isBetween(): boolean {
    return this.#from === this.#to && this.#skip === 0;
  }

  /** The messages that ended with these bytes; they are borrowed until the next call. */
  push(bytes: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    const isOwn = this.#from < this.#to;
    if (isOwn) this.#append(bytes);
    let rest = isOwn ? this.#buffer.subarray(this.#from, this.#to) : bytes;
    for (;;) {
      rest = this.#skipped(rest);
      const next = rest.length === 0 || this.#skip > 0 ? null : this.#next(rest);
      if (next === null) break;
      this.#searched = 0;
      if (next.message !== null) messages.push(next.message);
      rest = rest.subarray(next.taken);
    }
    if (isOwn && rest.length === 0) this.#release();
    else if (isOwn) this.#from = this.#to - rest.length;
    // The caller's bytes are a socket's; what waits is a copy.
    else if (rest.length > 0) this.#append(rest);
    return messages;
  }

  /** Of thousands of connections, few hold anything at a time. */
  #release(): void {
    this.#buffer = NOTHING;
    this.#from = 0;
    this.#to = 0;
  }

  /**
   * Grows by doubling, so that a message in pieces of one byte is not copied as often as it has
   * bytes. Messages that were handed out lie before `#from`, and are done with.
   */
  #append(bytes: Uint8Array): void {
    const held = this.#to - this.#from;
    const needed = held + bytes.length;
    if (this.#to + bytes.length > this.#buffer.length) {
      const room = needed * 2 <= this.#buffer.length ? this.#buffer : new Uint8Array(needed * 2);
      room.set(this.#buffer.subarray(this.#from, this.#to));
      this.#buffer = room;
      this.#from = 0;
      this.#to = held;
    }
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** What stands unended when the connection ends: a last line needs no newline. */
  end(): Uint8Array | null {
    const rest = this.#buffer.subarray(this.#from, this.#to);
    this.#from = this.#to;
    if (rest.length === 0 || this.#skip > 0) return null;
    if (!isDigit(rest[0])) return rest;
    this.refused++;
    return null;
  }

  #next(rest: Uint8Array): Taken {
    return isDigit(rest[0]) ? this.#counted(rest) : this.#ended(rest);
  }

  #counted(rest: Uint8Array): Taken {
    const head = rest.subarray(0, DIGITS_MAX + 1);
    const blank = head.indexOf(BLANK);
    if (blank < 0 && head.every(isDigit) && rest.length <= DIGITS_MAX) return null;
    const length = blank < 0 ? Number.NaN : Number(String.fromCharCode(...head.subarray(0, blank)));
    // It began like a length and is none: a line of somebody who says no priority.
    if (!Number.isInteger(length)) return this.#ended(rest);
    if (length > this.#bytesMax) {
      this.refused++;
      this.#skip = length;
      return { message: null, taken: blank + 1 };
    }
    const end = blank + 1 + length;
    if (end > rest.length) return null;
    return { message: rest.subarray(blank + 1, end), taken: end };
  }

  #ended(rest: Uint8Array): Taken {
    const end = endOf(rest, this.#searched);
    if (end >= 0 && end <= this.#bytesMax) {
      return { message: end === 0 ? null : rest.subarray(0, end), taken: end + 1 };
    }
    if (end < 0 && rest.length <= this.#bytesMax) {
      this.#searched = rest.length;
      return null;
    }
    this.refused++;
    if (end >= 0) return { message: null, taken: end + 1 };
    this.#skip = Infinity;
    return { message: null, taken: rest.length };
  }

  #skipped(bytes: Uint8Array): Uint8Array {
    if (this.#skip === 0 || bytes.length === 0) return bytes;
    if (this.#skip !== Infinity) {
      const count = Math.min(this.#skip, bytes.length);
      this.#skip -= count;
      return bytes.subarray(count);
    }
    const end = endOf(bytes, 0);
    if (end < 0) return new Uint8Array();
    this.#skip = 0;
    return bytes.subarray(end + 1);
  }
}

/** Null: more bytes are needed. */
type Taken = { readonly message: Uint8Array | null; readonly taken: number } | null;

/** Where a message without a length ends; -1: not in these bytes. */
function endOf(bytes: Uint8Array, from: number): number {
  const newline = bytes.indexOf(NEWLINE, from);
  // No further than the newline: what follows is other messages, and there may be many.
  const zero = bytes.subarray(from, newline < 0 ? bytes.length : newline).indexOf(0);
  return zero < 0 ? newline : from + zero;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
