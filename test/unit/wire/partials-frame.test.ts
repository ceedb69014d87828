/** Partials frames: what ours looks like, and what is refused. The laws are in `test/laws`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COUNT_SHAPE, partialsOf } from '../../support/delta-frames.ts';
import { partialsCorpus, partialsMeaning } from '../../support/partials-corpus.ts';
import type { PartialsCase } from '../../support/partials-corpus.ts';
import { HEADER } from '../../../src/wire/frame-layout.ts';

const FILE = join(import.meta.dirname, '../../golden/partials/frames.json');

describe('the corpus of partials frames', () => {
  test('is what the encoder writes today', async () => {
    await expect(`${JSON.stringify(partialsCorpus(), null, 2)}\n`).toMatchFileSnapshot(FILE);
  });

  test('is read as it says', () => {
    const stored = JSON.parse(readFileSync(FILE, 'utf8')) as readonly PartialsCase[];
    for (const one of stored) expect(partialsMeaning(one), one.about).toStrictEqual(one.meaning);
  });
});

describe('a partials frame is refused', () => {
  const whole = partialsOf([{ paneStartMs: 0, seen: 9, matched: 5, key: 'eu', count: 5 }]);

  test.each<[string, (bytes: Uint8Array, view: DataView) => void, RegExp]>([
    ['of another kind', (bytes) => (bytes[HEADER.kind] = 3), /kind/],
    ['with a length that is not its own', (_, view) => view.setUint32(8, 70, true), /byteLength/],
    ['without a time', (_, view) => view.setFloat64(HEADER.watermarkMs, NaN, true), /watermark/],
    ['with more deltas than bytes', (bytes) => (bytes[64 + 6] = 0x7f), /more things than bytes/],
    ['with a delta that is too long', (bytes) => (bytes[64 + 9] = 0x7f), /too early/],
    ['with a delta that is too short', (bytes) => (bytes[64 + 9]! -= 1), /./],
    ['with a value of no kind', (bytes) => (bytes[64 + 27] = 9), /value of an unknown kind/],
  ])('%s', (_name, spoil, reason) => {
    const bytes = whole.slice();
    spoil(bytes, new DataView(bytes.buffer));
    expect(COUNT_SHAPE.read(bytes)).toMatchObject({
      ok: false,
      error: { code: 'WIRE_BAD_FRAME', detail: expect.stringMatching(reason) as string },
    });
  });

  test('not, as it was', () => {
    expect(COUNT_SHAPE.read(whole)).toMatchObject({ ok: true });
  });
});
