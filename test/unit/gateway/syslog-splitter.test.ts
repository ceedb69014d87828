/** Messages out of a connection, however its bytes are cut, by length or by newline. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { SyslogSplitter } from '../../../src/gateway/syslog-splitter.ts';
import { lawParameters } from '../../support/laws.ts';

const BYTES_MAX = 64;

/** The messages of a text that arrives in pieces of the given sizes, the last one with the rest. */
function split(
  text: string,
  sizes: readonly number[] = [],
): { messages: string[]; refused: number } {
  const splitter = new SyslogSplitter(BYTES_MAX);
  const bytes = Buffer.from(text);
  const messages: string[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    // A copy, so that what is only borrowed cannot be kept.
    const piece = Uint8Array.from(bytes.subarray(at, at + size));
    for (const message of splitter.push(piece)) messages.push(Buffer.from(message).toString());
    piece.fill(0);
    at += size;
  }
  const last = splitter.end();
  if (last !== null) messages.push(Buffer.from(last).toString());
  return { messages, refused: splitter.refused };
}

const long = 'x'.repeat(BYTES_MAX + 1);

describe.each<[string, string, string[], number]>([
  ['by newline', '<1>a\n<2>b\n', ['<1>a', '<2>b'], 0],
  ['by zero', '<1>a\u0000<2>b\u0000', ['<1>a', '<2>b'], 0],
  ['the last without an end', '<1>a\n<2>b', ['<1>a', '<2>b'], 0],
  ['empty lines are nothing', '\n\n<1>a\n\n', ['<1>a'], 0],
  ['by length', '4 <1>a6 <2>b\nc', ['<1>a', '<2>b\nc'], 0],
  ['both in turn', '4 <1>a<2>b\n4 <3>c', ['<1>a', '<2>b', '<3>c'], 0],
  ['a line that begins with a digit', '2026 was a year\n', [], 1],
  ['a line of digits and words', '42nd street\n<1>a\n', ['42nd street', '<1>a'], 0],
  ['a length that is cut by the end', '9 <1>a', [], 1],
  ['a line beyond the bound', `<1>${long}\n<2>b\n`, ['<2>b'], 1],
  ['one that ends by zero beyond the bound', `<1>${long}\u0000<2>b\u0000`, ['<2>b'], 1],
  ['a message beyond the bound', `70 <1>${'x'.repeat(67)}4 <2>b`, ['<2>b'], 1],
  ['a line of the bound', `${'y'.repeat(BYTES_MAX)}\n`, ['y'.repeat(BYTES_MAX)], 0],
])('%s', (_, text, messages, refused) => {
  test('in one piece', () => {
    expect(split(text)).toStrictEqual({ messages, refused });
  });

  test('byte by byte', () => {
    expect(
      split(
        text,
        Array.from(text, () => 1),
      ),
    ).toStrictEqual({ messages, refused });
  });
});

test('however it is cut, the messages are the same', () => {
  const message = fc.stringMatching(/^<\d{1,2}>[a-z \n]{0,12}[a-z]$/);
  const framed = fc
    .tuple(message, fc.boolean())
    .map(([text, isCounted]) =>
      isCounted
        ? { text, bytes: `${text.length} ${text}` }
        : { text: text.replaceAll('\n', ' '), bytes: `${text.replaceAll('\n', ' ')}\n` },
    );
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(framed, { maxLength: 8 }), sizes, (frames, cuts) => {
      const text = frames.map(({ bytes }) => bytes).join('');
      expect(split(text, cuts)).toStrictEqual({
        messages: frames.map((frame) => frame.text),
        refused: 0,
      });
    }),
    lawParameters(300),
  );
});

test('takes any bytes, and holds no more than the bound', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (pieces) => {
      const splitter = new SyslogSplitter(BYTES_MAX);
      for (const piece of pieces) {
        for (const text of splitter.push(piece)) expect(text.length).toBeLessThanOrEqual(BYTES_MAX);
      }
      expect(splitter.end()?.length ?? 0).toBeLessThanOrEqual(BYTES_MAX + 11);
    }),
    lawParameters(300),
  );
});

test('a long message byte by byte is not looked at, nor copied, as often as it has bytes', () => {
  const bytesMax = 200_000;
  const splitter = new SyslogSplitter(bytesMax);
  const text = Buffer.from(`${'x'.repeat(bytesMax)}\n`);
  const copies = vi.spyOn(Uint8Array.prototype, 'set');
  const messages = Array.from(text, (_, i) => splitter.push(text.subarray(i, i + 1))).flat();
  const copied = copies.mock.calls.reduce((bytes, [source]) => bytes + source.length, 0);
  copies.mockRestore();
  expect(messages.map(({ length }) => length)).toStrictEqual([bytesMax]);
  expect(copied).toBeLessThan(4 * bytesMax);
  expect(splitter.isBetween).toBe(true);
});
