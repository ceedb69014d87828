/** Every pair of text and ground that the page uses has the contrast of WCAG AA, in both themes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../../dashboard/styles/tokens.css', import.meta.url), 'utf8');

function tokensOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('\n}', start));
  return new Map(
    [...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
}

const THEMES = {
  light: tokensOf(':root'),
  dark: new Map([...tokensOf(':root'), ...tokensOf(":root[data-theme='dark']")]),
  contrast: new Map([...tokensOf(':root'), ...tokensOf(":root[data-theme='contrast']")]),
};

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  [
    '--text',
    [
      '--ground',
      '--surface',
      '--surface-sunk',
      '--hover',
      '--accent-soft',
      '--bad-soft',
      '--selection',
    ],
  ],
  [
    '--text-soft',
    [
      '--ground',
      '--surface',
      '--surface-sunk',
      '--hover',
      '--warn-soft',
      '--bad-soft',
      '--calm-soft',
    ],
  ],
  ['--text-faint', ['--ground', '--surface', '--surface-sunk', '--hover']],
  ['--accent-strong', ['--surface', '--accent-soft', '--surface-sunk']],
  ['--on-accent', ['--accent', '--accent-strong']],
  ['--good', ['--surface', '--good-soft', '--hover']],
  ['--calm', ['--calm-soft']],
  ['--warn', ['--surface-sunk', '--warn-soft', '--ground']],
  ['--bad', ['--surface', '--surface-sunk', '--bad-soft', '--hover']],
  ['--mql-keyword', ['--surface', '--selection']],
  ['--mql-function', ['--surface']],
  ['--mql-string', ['--surface']],
  ['--mql-number', ['--surface']],
];

/** Text needs 4.5 : 1; lines of charts are graphics and need 3 : 1. */
const TEXT_MIN = 4.5;
const GRAPHIC_MIN = 3;

describe.each(Object.entries(THEMES))('in the %s theme', (_, tokens) => {
  const colour = (name: string): string => {
    const value = tokens.get(name);
    if (value === undefined) throw new Error(`no token ${name}`);
    return value;
  };

  test.each(TEXTS)('%s is readable', (text, grounds) => {
    const weak = grounds
      .map((ground) => ({ ground, ratio: contrast(colour(text), colour(ground)) }))
      .filter(({ ratio }) => ratio < TEXT_MIN);
    expect(weak).toEqual([]);
  });

  test('lines stand out from the chart', () => {
    const weak = Array.from({ length: 8 }, (_unused, i) => `--series-${i + 1}`).filter(
      (name) => contrast(colour(name), colour('--surface')) < GRAPHIC_MIN,
    );
    expect(weak).toEqual([]);
  });
});
