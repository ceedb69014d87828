/**
 * Result messages as bytes, encoded once however many clients get them: a message is handed to all
 * of its clients before the next one is, so only the newest needs to be remembered. An event-stream
 * frame is the same for everybody. On the live socket each client names its subscription in front
 * of the message: short messages are kept as whole WebSocket frames by that name, long ones go out
 * as two fragments, the client's own head and a tail whose bytes all clients share.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';

/** From here on sharing the tail's bytes is worth a second frame. */
export const FRAGMENT_BYTES_MIN = 4_096;
/** FIN and text, the first fragment of a text, and FIN and continuation, of RFC 6455 § 5.2. */
const WHOLE_TEXT = 0x81;
const FIRST_OF_TEXT = 0x01;
const LAST_FRAGMENT = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Names of subscriptions for which one message is kept encoded; programs mostly count them. */
const NAMES_MAX = 256;

/** `id`, `event` and `data` lines and the empty line that ends them. */
export class EventStreamFrames {
  #effect: DeliverEffect | null = null;
  #frame: Buffer = Buffer.alloc(0);

  of(effect: DeliverEffect): Buffer {
    if (effect === this.#effect) return this.#frame;
    const id = effect.id === null ? '' : `id: ${effect.id}\n`;
    this.#effect = effect;
    this.#frame = Buffer.from(`${id}event: ${effect.message.type}\ndata: ${effect.body}\n\n`);
    return this.#frame;
  }
}

/** Frames of a server, which are not masked. */
export class LiveFrames {
  #effect: DeliverEffect | null = null;
  /** By name of subscription. */
  readonly #frames = new Map<string, Buffer>();
  #tail: Buffer | null = null;

  append(frames: Buffer[], sub: string, effect: DeliverEffect): void {
    if (effect !== this.#effect) this.#begin(effect);
    let frame = this.#frames.get(sub);
    if (frame === undefined) {
      frame = this.#encode(sub, effect);
      if (this.#frames.size < NAMES_MAX) this.#frames.set(sub, frame);
    }
    frames.push(frame);
    if (this.#tail !== null) frames.push(this.#tail);
  }

  #begin(effect: DeliverEffect): void {
    this.#effect = effect;
    this.#frames.clear();
    const isLong = effect.body.length >= FRAGMENT_BYTES_MIN;
    this.#tail = isLong ? frameOf(LAST_FRAGMENT, effect.body.slice(1)) : null;
  }

  #encode(sub: string, effect: DeliverEffect): Buffer {
    const head = `{"sub":${JSON.stringify(sub)},"id":${JSON.stringify(effect.id)},`;
    if (this.#tail !== null) return frameOf(FIRST_OF_TEXT, head);
    return textFrame(head + effect.body.slice(1));
  }
}

/** One unfragmented text frame. */
export function textFrame(text: string): Buffer {
  return frameOf(WHOLE_TEXT, text);
}

function frameOf(kind: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headBytes = length < LENGTH_16 ? 2 : length < 0x1_0000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = kind;
  if (headBytes === 2) frame[1] = length;
  else if (headBytes === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headBytes);
  return frame;
}

/**
 * Frames behind one another. Clients that watch the same queries under the same names get the same
 * frames in a turn, and then the same bytes.
 */
export class JoinedFrames {
  #frames: readonly Buffer[] = [];
  #joined: Buffer = Buffer.alloc(0);

  of(frames: readonly Buffer[]): Buffer {
    if (frames.length === 1) return frames[0]!;
    if (this.#isSame(frames)) return this.#joined;
    this.#frames = frames;
    this.#joined = Buffer.concat(frames);
    return this.#joined;
  }

  #isSame(frames: readonly Buffer[]): boolean {
    if (frames.length !== this.#frames.length) return false;
    for (let i = 0; i < frames.length; i++) if (frames[i] !== this.#frames[i]) return false;
    return true;
  }
}
