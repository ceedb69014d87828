/**
 * Strings to UTF-8 and back. Short ASCII, which most telemetry is, is handled in JavaScript: the
 * call into TextEncoder or TextDecoder costs more than the loop (bench: micro/codec). Lone
 * surrogates are written as U+FFFD and malformed bytes are read as U+FFFD, as the Encoding
 * standard says. A leading byte order mark is kept, for it is part of the value.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Longest text that is read byte by byte. */
const SHORT_BYTES = 24;

/** Bytes that {@link writeUtf8} needs at most for a text. */
export function utf8BytesMax(text: string): number {
  return text.length * 3;
}

/** Exact number of bytes. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x7f) continue;
    // A surrogate pair is 4 bytes in two units; a lone surrogate is the 3 bytes of U+FFFD.
    const paired = isHigh(unit) && isLow(text.charCodeAt(i + 1));
    if (paired) i++;
    bytes += unit <= 0x7ff ? 1 : 2;
  }
  return bytes;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** False for NaN, behind the end of a text. */
function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** Writes at `offset` and returns the offset behind; there must be room for `utf8BytesMax`. */
export function writeUtf8(text: string, bytes: Uint8Array, offset: number): number {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      return offset + i + encoder.encodeInto(text.slice(i), bytes.subarray(offset + i)).written;
    }
    bytes[offset + i] = unit;
  }
  return offset + length;
}

export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}
