/**
 * JSON of small objects whose members are plain, written as bytes one behind the other: what
 * `JSON.stringify` says, at a third of its cost, which is a call out of the compiled code and a
 * text that has to be encoded. Whoever holds the bytes may keep them: they are only added to.
 * Bench: bench/agent.ts (ship-all).
 */

/** Where in `FlatJson.bytes` a JSON text stands. */
export class JsonSpan {
  readonly from: number;
  readonly to: number;

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }
}

/** Larger ones are not worth it. */
const MEMBERS_MAX = 8;
const TEXT_LENGTH_MAX = 32;
/** No object takes more: names and texts with their quotes, colons, commas and braces. */
const OBJECT_BYTES_MAX: number = 2 + MEMBERS_MAX * (2 * (TEXT_LENGTH_MAX + 2) + 2);
const BYTES_MIN = 4_096;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const ASCII_END = 0x7f;

export class FlatJson {
  bytes: Uint8Array = new Uint8Array(0);
  #used = 0;

  /** Null: ask `JSON.stringify`, which reads the members again. */
  write(value: object): JsonSpan | null {
    if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return null;
    const from = this.#used;
    if (this.bytes.length - from < OBJECT_BYTES_MAX) this.#grow();
    if (this.#members(value)) return new JsonSpan(from, this.#used);
    this.#used = from;
    return null;
  }

  #members(value: object): boolean {
    const { bytes } = this;
    const start = this.#used;
    let members = 0;
    for (const key in value) {
      if (!Object.hasOwn(value, key) || ++members > MEMBERS_MAX) return false;
      bytes[this.#used++] = members === 1 ? BRACE : COMMA;
      if (!this.#text(key)) return false;
      bytes[this.#used++] = COLON;
      if (!this.#atom((value as Record<string, unknown>)[key])) return false;
    }
    if (this.#used === start) bytes[this.#used++] = BRACE;
    bytes[this.#used++] = BRACE + 2;
    return true;
  }

  #atom(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        if (value >= 0 && value < 10 && (value | 0) === value) {
          this.bytes[this.#used++] = ZERO + value;
          return true;
        }
        return this.#ascii(value - value === 0 ? String(value) : 'null');
      case 'boolean':
        return this.#ascii(value ? 'true' : 'false');
      default:
        return value === null && this.#ascii('null');
    }
  }

  /** False: it does not stand in JSON as it is. */
  #text(text: string): boolean {
    const { bytes } = this;
    const { length } = text;
    if (length > TEXT_LENGTH_MAX) return false;
    let at = this.#used;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < SPACE || unit === QUOTE || unit === BACKSLASH || unit > ASCII_END) return false;
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#used = at;
    return true;
  }

  /** Shorter than a text may be. */
  #ascii(text: string): boolean {
    for (let i = 0; i < text.length; i++) this.bytes[this.#used++] = text.charCodeAt(i);
    return true;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(BYTES_MIN, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.#used));
    this.bytes = grown;
  }
}
