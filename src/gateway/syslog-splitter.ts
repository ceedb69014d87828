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

export class SyslogSplitter {
  readonly #bytesMax: number;
  /** What came of a message that has not ended. */
  #held: Uint8Array = new Uint8Array();
  /** Bytes still to be passed over; Infinity: up to the next newline or zero. */
  #skip = 0;
  /** Messages that were too long, or had no length where one began. */
  refused = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The messages that ended with these bytes; they are borrowed until the next call. */
  push(bytes: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let rest = this.#held.length === 0 ? bytes : joined(this.#held, bytes);
    for (;;) {
      rest = this.#skipped(rest);
      const next = rest.length === 0 || this.#skip > 0 ? null : this.#next(rest);
      if (next === null) break;
      if (next.message !== null) messages.push(next.message);
      rest = rest.subarray(next.taken);
    }
    // The caller's bytes are a socket's; what waits is a copy.
    this.#held = rest.slice();
    return messages;
  }

  /** What stands unended when the connection ends: a last line needs no newline. */
  end(): Uint8Array | null {
    const rest = this.#held;
    this.#held = new Uint8Array();
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
    const end = endOf(rest);
    if (end >= 0 && end <= this.#bytesMax) {
      return { message: end === 0 ? null : rest.subarray(0, end), taken: end + 1 };
    }
    if (end < 0 && rest.length <= this.#bytesMax) return null;
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
    const end = endOf(bytes);
    if (end < 0) return new Uint8Array();
    this.#skip = 0;
    return bytes.subarray(end + 1);
  }
}

/** Null: more bytes are needed. */
type Taken = { readonly message: Uint8Array | null; readonly taken: number } | null;

/** Where a message without a length ends; -1: not in these bytes. */
function endOf(bytes: Uint8Array): number {
  return bytes.findIndex((byte) => byte === NEWLINE || byte === 0);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
