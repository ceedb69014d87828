/**
 * The client's side of RFC 6455 framing, as far as a load needs it: unfragmented messages out,
 * masked with the zero key, which leaves bytes as they are; short text messages in.
 */
const OPCODE = { text: 0x1, binary: 0x2, close: 0x8 } as const;
const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Enough for any header, and a multiple of 8, so that payloads behind it stay aligned. */
const HEADER_ROOM = 16;

/** One message ready to be written, and its payload for patching between two writes. */
export interface ClientFrame {
  readonly bytes: Uint8Array;
  /** Begins at a multiple of 8 in its buffer. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

export function clientFrame(kind: 'text' | 'binary', payload: Uint8Array): ClientFrame {
  const buffer = new ArrayBuffer(HEADER_ROOM + payload.length);
  const room = new Uint8Array(buffer, HEADER_ROOM);
  room.set(payload);
  const header = headerOf(kind, payload.length);
  const start = HEADER_ROOM - header.length;
  new Uint8Array(buffer).set(header, start);
  return { bytes: new Uint8Array(buffer, start), payload: room };
}

function headerOf(kind: 'text' | 'binary', length: number): Uint8Array {
  const lengthBytes = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8;
  const header = new Uint8Array(2 + lengthBytes + MASK_BYTES);
  const view = new DataView(header.buffer);
  header[0] = FINAL | OPCODE[kind];
  header[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  return header;
}

/** Puts messages of the server together from what the socket delivers. */
export class ServerMessages {
  #rest: Buffer = Buffer.alloc(0);

  /** Text messages that are complete now; `onClose` gets the reason of a close frame. */
  take(chunk: Buffer, onText: (text: string) => void, onClose: (reason: string) => void): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const frame = serverFrame(bytes);
      if (frame === null) break;
      const { opcode, start, end } = frame;
      if (opcode === OPCODE.text) onText(bytes.toString('utf8', start, end));
      else if (opcode === OPCODE.close) onClose(bytes.toString('utf8', start + 2, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

/** Servers do not mask. Null: more bytes are needed. */
function serverFrame(bytes: Buffer): { opcode: number; start: number; end: number } | null {
  if (bytes.length < 2) return null;
  const opcode = (bytes[0] as number) & 0x0f;
  const short = (bytes[1] as number) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return null;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.length < start + length ? null : { opcode, start, end: start + length };
}
