/**
 * Result messages as bytes, encoded once however many clients get them. An event-stream frame is
 * the same for everybody. On the live socket each client names its subscription in front of the
 * message, so only that head is its own and the tail is shared.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';

const eventStreamFrames = new WeakMap<DeliverEffect, Buffer>();
const liveTails = new WeakMap<DeliverEffect, Buffer>();

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
