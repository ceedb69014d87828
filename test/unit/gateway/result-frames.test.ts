/** Frames that are made once for all clients, and say what they should. */
import { describe, expect, test } from 'vitest';
import type { DeliverEffect } from '../../../src/coordinator/messages.ts';
import { JoinedFrames, liveFrame, textFrame } from '../../../src/gateway/result-frames.ts';

/** Texts of unmasked, unfragmented frames, as RFC 6455 lays them out. */
function read(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    expect(bytes[at]).toBe(0x81);
    const short = bytes[at + 1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      head === 2
        ? short
        : head === 4
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    texts.push(bytes.toString('utf8', at + head, at + head + length));
    at += head + length;
  }
  return texts;
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
    const effect = effectOf('done');
    expect(liveFrame('s', effect)).toBe(liveFrame('s', effect));
    const sub = 'other "one"';
    const expected = { sub, id: 'i-1', type: 'end', reason: 'done' };
    expect(read(liveFrame(sub, effect)).map((text) => JSON.parse(text))).toStrictEqual([expected]);
  });

  test('are the same bytes for clients that get the same, and only for them', () => {
    const joined = new JoinedFrames();
    const [a, b] = ['a', 'b'].map((reason) => liveFrame('s', effectOf(reason))) as [Buffer, Buffer];
    const first = joined.of([a, b]);
    expect(joined.of([a, b])).toBe(first);
    expect(joined.of([a, b]).equals(first)).toBe(true);
    expect(joined.of([b, a]).equals(Buffer.concat([b, a]))).toBe(true);
  });
});
