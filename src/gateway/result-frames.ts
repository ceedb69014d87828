/**
 * Result messages as bytes, encoded once however many clients get them. An event-stream frame is
 * the same for everybody. On the live socket each client names its subscription in front of the
 * message: short messages are kept as whole WebSocket frames by that name, of long ones the tail
 * is shared.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';

const eventStreamFrames = new WeakMap<DeliverEffect, Buffer>();
const liveTails = new WeakMap<DeliverEffect, Buffer>();
const liveFrames = new WeakMap<DeliverEffect, Map<string, Buffer>>();

/** Names of subscriptions for which one message is kept encoded; programs mostly count them. */
const NAMES_MAX = 256;
/** FIN and text, of RFC 6455 § 5.2. */
const WHOLE_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** `id`, `event` and `data` lines and the empty line that ends them. */
export function eventStreamFrame(effect: DeliverEffect): Buffer {
  const known = eventStreamFrames.get(effect);
  if (known !== undefined) return known;
  const id = effect.id === null ? '' : `id: ${effect.id}\n`;
  const frame = Buffer.from(`${id}event: ${effect.message.type}\ndata: ${effect.body}\n\n`);
  eventStreamFrames.set(effect, frame);
  return frame;
}

/** `{"sub":…,"id":…,` to be followed by {@link liveTail}. */
export function liveHead(sub: string, effect: DeliverEffect): string {
  return `{"sub":${JSON.stringify(sub)},"id":${JSON.stringify(effect.id)},`;
}

/** The message without its opening brace. */
export function liveTail(effect: DeliverEffect): Buffer {
  const known = liveTails.get(effect);
  if (known !== undefined) return known;
  const tail = Buffer.from(effect.body.slice(1));
  liveTails.set(effect, tail);
  return tail;
}

/** The whole message as a WebSocket frame of the server's, which is not masked. */
export function liveFrame(sub: string, effect: DeliverEffect): Buffer {
  let frames = liveFrames.get(effect);
  if (frames === undefined) liveFrames.set(effect, (frames = new Map()));
  const known = frames.get(sub);
  if (known !== undefined) return known;
  const frame = textFrame(liveHead(sub, effect) + effect.body.slice(1));
  if (frames.size < NAMES_MAX) frames.set(sub, frame);
  return frame;
}

/** One unfragmented text frame. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headBytes = length < LENGTH_16 ? 2 : length < 0x1_0000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = WHOLE_TEXT;
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
    const isSame =
      frames.length === this.#frames.length &&
      frames.every((frame, i) => frame === this.#frames[i]);
    if (isSame) return this.#joined;
    this.#frames = frames;
    this.#joined = Buffer.concat(frames);
    return this.#joined;
  }
}
