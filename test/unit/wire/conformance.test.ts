/** The corpus in test/golden/wire: what our encoder writes, and what our decoder reads in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { meaningsOf, wireCorpus } from '../../support/wire-corpus.ts';
import type { CorpusCase } from '../../support/wire-corpus.ts';

const FOLDER = join(import.meta.dirname, '../../golden/wire');

describe('the conformance corpus', () => {
  test.each(wireCorpus())('is what the encoder writes today: $name', async (found) => {
    const text = `${JSON.stringify(found, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(FOLDER, `${found.name}.json`));
  });

  test.each(readdirSync(FOLDER))('is read as it says: %s', (file) => {
    const stored = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as CorpusCase;
    const hexes = stored.frames.map(({ hex }) => hex);
    const expected = stored.frames.map(({ hex: _hex, ...meaning }) => meaning);
    expect(meaningsOf(hexes, stored.limits)).toStrictEqual(expected);
  });

  test('holds no frame that should be refused and is not', () => {
    const refused = wireCorpus().find(({ name }) => name === 'refused');
    expect(refused?.frames.map(({ meaning }) => meaning)).toStrictEqual(
      refused?.frames.map(() => null),
    );
  });
});
