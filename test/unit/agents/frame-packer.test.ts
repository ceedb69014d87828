/** Packed frames: when it pays, what becomes of them, and what a shard takes of a liar. */
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FramePacker } from '../../../agents/frame-packer.ts';
import { unpackedFrame } from '../../../src/shard/packed-frame.ts';
import { isPackedFrame, PACKED, PACKED_HEADER_BYTES } from '../../../src/wire/packed-layout.ts';

const LIMITS = { frameBytesMax: 64 * 1_024 };

function packed(body: Uint8Array, plainBytes: number): Uint8Array {
  const bytes = new Uint8Array(PACKED_HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(PACKED.magic, PACKED.magicNumber, true);
  bytes[PACKED.version] = PACKED.versionNumber;
  bytes[PACKED.method] = PACKED.deflate;
  view.setUint32(PACKED.plainBytes, plainBytes, true);
  bytes.set(body, PACKED_HEADER_BYTES);
  return bytes;
}

describe('an agent', () => {
  test.each([
    { url: 'ws://127.0.0.1:7071', pays: false },
    { url: 'ws://localhost:7071', pays: false },
    { url: 'wss://[::1]:7071/', pays: false },
    { url: 'ws://squilla.example:7071', pays: true },
    { url: 'ws://127.example.com', pays: true },
  ])('packs for $url: $pays', ({ pays, url }) => {
    expect(FramePacker.for('auto', url) !== null).toBe(pays);
    expect(FramePacker.for('never', url)).toBeNull();
    expect(FramePacker.for('always', url)).not.toBeNull();
  });

  test('packs what is large and shrinks, and rests after what does not', async () => {
    const packer = FramePacker.for('auto', 'ws://far')!;
    expect(packer.wants(100)).toBe(false);
    expect(packer.wants(10_000)).toBe(true);
    const even = new Uint8Array(10_000);
    const small = await packer.pack(even);
    expect(small.length).toBeLessThan(200);
    expect(isPackedFrame(small)).toBe(true);
    const plain = unpackedFrame(small, LIMITS);
    expect(plain.ok && plain.value).toStrictEqual(even);
    let seed = 1;
    const noise = Uint8Array.from({ length: 10_000 }, () => (seed = (seed * 48_271) % 0x7fffffff));
    expect(await packer.pack(noise)).toBe(noise);
    expect(packer.wants(10_000)).toBe(false);
  });
});

describe('a shard', () => {
  test('takes frames no larger than they say and may be', () => {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000));
    for (const plainBytes of [1_000, 64 * 1_024, 10_000_000, 0xffff_ffff, 0]) {
      expect(unpackedFrame(packed(bomb, plainBytes), LIMITS).ok).toBe(false);
    }
    expect(unpackedFrame(packed(deflateRawSync(Buffer.alloc(5)), 6), LIMITS).ok).toBe(false);
    expect(unpackedFrame(packed(deflateRawSync(Buffer.alloc(5)), 5), LIMITS).ok).toBe(true);
  });

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(100_000), (body, plainBytes) => {
        const frame = packed(body, plainBytes);
        const plain = unpackedFrame(frame, LIMITS);
        if (plain.ok) expect(plain.value.length).toBe(plainBytes);
        return isPackedFrame(frame);
      }),
    );
    expect(isPackedFrame(new Uint8Array(3))).toBe(false);
  });
});
