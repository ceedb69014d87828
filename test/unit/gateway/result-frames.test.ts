/** Frames that are made once for all clients, and say what they should. */
import { describe, expect, test } from 'vitest';
import type { DeliverEffect } from '../../../src/coordinator/messages.ts';
import {
  EventStreamFrames,
  JoinedFrames,
  LiveFrames,
  textFrame,
} from '../../../src/gateway/result-frames.ts';

const FIN = 0x80;
const TEXT = 0x01;

/** Texts of unmasked frames, put together from their fragments, as RFC 6455 lays them out. */
function read(bytes: Buffer): string[] {
  const texts: string[] = [];
  let open = false;
  for (let at = 0; at < bytes.length;) {
    const isFinal = (bytes[at]! & FIN) !== 0;
    expect(bytes[at]! & ~FIN).toBe(open ? 0 : TEXT);
    const short = bytes[at + 1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      head === 2
        ? short
        : head === 4
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const text = bytes.toString('utf8', at + head, at + head + length);
    texts.push(open ? texts.pop() + text : text);
    open = !isFinal;
    at += head + length;
  }
  expect(open).toBe(false);
  return texts;
}

function framesOf(live: LiveFrames, sub: string, effect: DeliverEffect): Buffer[] {
  const frames: Buffer[] = [];
  live.append(frames, sub, effect);
  return frames;
}

function effectOf(reason: string): DeliverEffect {
  const message = { type: 'end', reason } as const;
  const body = JSON.stringify(message);
  return { type: 'deliver', subscriptions: ['s'], id: 'i-1', message, body };
}

describe('a text frame', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536, 70_000])('of %i bytes is read back', (length) => {
    const text = 'ü'.repeat(length >> 1) + 'x'.repeat(length & 1);
    const texts = read(textFrame(text));
    expect(texts).toStrictEqual([text]);
  });
});

describe('frames of results', () => {
  test('name the subscription, and are made once for all who call it so', () => {
    const live = new LiveFrames();
    const effect = effectOf('done');
    const [first] = framesOf(live, 's', effect);
    const sub = 'other "one"';
    const others = framesOf(live, sub, effect);
    const expected = { sub, id: 'i-1', type: 'end', reason: 'done' };
    expect(read(Buffer.concat(others)).map((text) => JSON.parse(text))).toStrictEqual([expected]);
    expect(framesOf(live, 's', effect)[0]).toBe(first);
  });

  test('of a long message share its tail, whoever it is for', () => {
    const live = new LiveFrames();
    const effect = effectOf('ü'.repeat(5_000));
    const [a, b] = ['a', 'b'].map((sub) => framesOf(live, sub, effect)) as [Buffer[], Buffer[]];
    expect([a.length, b.length]).toStrictEqual([2, 2]);
    expect(a[1]).toBe(b[1]);
    const texts = [a, b].map((frames) => JSON.parse(read(Buffer.concat(frames))[0]!));
    expect(texts).toMatchObject([
      { sub: 'a', id: 'i-1', reason: 'ü'.repeat(5_000) },
      { sub: 'b', id: 'i-1', reason: 'ü'.repeat(5_000) },
    ]);
  });

  test('of the message before are not those of the next, long or short', () => {
    const live = new LiveFrames();
    const reasons = ['one', 'x'.repeat(5_000), 'two'];
    const said = reasons.map((reason) => {
      const [text] = read(Buffer.concat(framesOf(live, 's', effectOf(reason))));
      return JSON.parse(text!).reason;
    });
    expect(said).toStrictEqual(reasons);
  });

  test('are the same bytes for clients that get the same, and only for them', () => {
    const joined = new JoinedFrames();
    const live = new LiveFrames();
    const [a, b] = ['a', 'b'].map((reason) => framesOf(live, 's', effectOf(reason))[0]) as [
      Buffer,
      Buffer,
    ];
    const first = joined.of([a, b]);
    expect(joined.of([a, b])).toBe(first);
    expect(joined.of([a, b]).equals(first)).toBe(true);
    expect(joined.of([b, a]).equals(Buffer.concat([b, a]))).toBe(true);
    expect(joined.of([a])).toBe(a);
  });
});

test('an event stream names the message and its id, and everybody gets the same bytes', () => {
  const frames = new EventStreamFrames();
  const effect = effectOf('done');
  const frame = frames.of(effect);
  expect(frame.toString()).toBe(`id: i-1\nevent: end\ndata: ${effect.body}\n\n`);
  expect(frames.of(effect)).toBe(frame);
  expect(frames.of({ ...effect, id: null }).toString()).toMatch(/^event: end/);
});
