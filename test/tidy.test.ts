/** Holds the whole tree to the house style, as far as a text tells. oxlint does the rest. */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeLines, functionsOf, quantileOf, withoutComments } from '../scripts/code-shape.ts';
import { filesBelow, readText } from '../scripts/source-files.ts';

const LINES_MAX = 400;
const COLUMNS_MAX = 100;
/** Of files under PRODUCT: half of them, and nine in ten, are at most so long. */
const LINES_MEDIAN_MAX = 150;
const LINES_P90_MAX = 300;
/** No function is longer than the first; only so many in a hundred are longer than the second. */
const FUNCTION_LINES_MAX = 70;
const FUNCTION_LINES_LONG = 45;
const LONG_FUNCTIONS_PERCENT_MAX = 2;
/** A wait this long in a test is a sleep, unless it is there to give up. */
const SLEEP_MS = 100;

const PRODUCT = ['src', 'grammar', 'agents', 'dashboard'];
const CODE_SUFFIXES = ['.ts', '.tsx', '.mjs'];
const product = read(PRODUCT, CODE_SUFFIXES);
const code = [...product, ...read(['bench', 'test', 'scripts', 'vitest.config.ts'], CODE_SUFFIXES)];
const handwritten = code.filter(({ path }) => !path.includes('.gen.'));
const documents = read(['.'], ['.md', '.json', '.yaml', '.yml', '.html', '.css']).filter(
  ({ path }) => path !== 'package-lock.json' && !path.startsWith('test/golden/'),
);

interface File {
  readonly path: string;
  readonly text: string;
}

function read(roots: readonly string[], suffixes: readonly string[]): File[] {
  return roots
    .flatMap((root) => filesBelow(root, suffixes))
    .map((path) => ({ path, text: readText(path) }));
}

/** `path:line` of every match in the files. */
function matches(
  files: readonly File[],
  pattern: RegExp,
  keep: (match: string) => boolean = Boolean,
): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)]
      .filter(([match]) => keep(match))
      .map(({ index }) => `${path}:${text.slice(0, index).split('\n').length}`),
  );
}

/** Comments may name what code must not do. */
function uncommented(files: readonly File[]): File[] {
  return files.map(({ path, text }) => ({ path, text: withoutComments(text) }));
}

function within(files: readonly File[], ...folders: readonly string[]): File[] {
  return files.filter(({ path }) => folders.some((folder) => path.startsWith(folder)));
}

describe('sizes', () => {
  const lengths = product.map(({ text }) => text.split('\n').length - 1);
  const functions = product.flatMap(({ path, text }) =>
    functionsOf(text).map(({ name, line, length }) => ({ at: `${path}:${line} ${name}`, length })),
  );

  test(`no file is longer than ${LINES_MAX} lines`, () => {
    const long = handwritten.filter(({ text }) => text.split('\n').length - 1 > LINES_MAX);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('most files are short', () => {
    expect(quantileOf(lengths, 0.5)).toBeLessThanOrEqual(LINES_MEDIAN_MAX);
    expect(quantileOf(lengths, 0.9)).toBeLessThanOrEqual(LINES_P90_MAX);
  });

  test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
    const long = functions.filter(({ length }) => length > FUNCTION_LINES_MAX);
    expect(long.map(({ at }) => at)).toEqual([]);
  });

  test(`few functions are longer than ${FUNCTION_LINES_LONG} lines`, () => {
    const long = functions.filter(({ length }) => length > FUNCTION_LINES_LONG);
    const allowed = Math.ceil((functions.length * LONG_FUNCTIONS_PERCENT_MAX) / 100);
    const shown = long.map(({ at }) => at).slice(allowed);
    expect(long.length <= allowed ? [] : shown).toEqual([]);
  });

  test(`no line is wider than ${COLUMNS_MAX} columns, addresses and long texts aside`, () => {
    const wide = new RegExp(`^.{${COLUMNS_MAX + 1},}$`, 'gmu');
    // The formatter does not break a text, and glueing pieces with `+` reads worse; a table of
    // cases reads best with one case a line.
    const unbreakable = /https?:\/\/|'[^']{60,}'|"[^"]{60,}"|`[^`]{60,}`/;
    const isRow = /^\s*\{ .* \},?$/;
    const inProduct = matches(product, wide, (line) => !unbreakable.test(line));
    const others = handwritten.filter(({ path }) => !PRODUCT.includes(path.split('/')[0] ?? ''));
    const elsewhere = matches(others, wide, (line) => !unbreakable.test(line) && !isRow.test(line));
    expect([...inProduct, ...elsewhere]).toEqual([]);
  });
});

describe('names', () => {
  test('files are in kebab case', () => {
    const names = [...code.map(({ path }) => path), ...filesBelow('docs', ['.md'])];
    const odd = names.filter((path) => !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(basename(path)));
    expect(odd).toEqual([]);
  });

  test('no file is named after nothing in particular', () => {
    const vague = /^(?:utils?|helpers?|common|misc|types|managers?|shared)\./;
    expect(code.filter(({ path }) => vague.test(basename(path)))).toEqual([]);
  });

  test('nothing is exported without a name', () => {
    const exempt = /\.config\.ts$|^test\/support\/suite-reporter\.ts$/;
    const files = code.filter(({ path }) => !exempt.test(path));
    expect(matches(uncommented(files), /^export default\b/gm)).toEqual([]);
  });
});

describe('every file', () => {
  test('says at its head what it owns', () => {
    const files = [...product, ...within(code, 'bench/', 'scripts/', 'test/support/')];
    const bare = files.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*[\s\S]{20,}?\*\//.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test('ends with one line feed and has no tabs or trailing blanks', () => {
    const untidy = [...handwritten, ...documents].filter(
      ({ text }) =>
        text !== '' && (!text.endsWith('\n') || /[ \t]$|\t|\r|\n\n$/m.test(text.trimEnd())),
    );
    expect(untidy.map(({ path }) => path)).toEqual([]);
  });

  test('holds code', () => {
    expect(product.filter(({ text }) => codeLines(text).length === 0)).toEqual([]);
  });
});

describe('banned', () => {
  const runtime = uncommented(within(product, 'src/', 'grammar/', 'agents/')).filter(
    ({ path }) => !path.startsWith('src/core/'),
  );

  test('the wall clock outside src/core', () => {
    const clocks = /\b(?:Date\.now\b|new Date\(\)|performance\.(?:now|timeOrigin)\b)/g;
    expect(matches(runtime, clocks)).toEqual([]);
  });

  test('chance without a seed outside src/core', () => {
    const files = [...runtime, ...uncommented(within(code, 'test/', 'bench/'))].filter(
      ({ path }) => path !== 'test/tidy.test.ts',
    );
    expect(matches(files, /\bMath\.random\b/g)).toEqual([]);
  });

  test('console', () => {
    expect(matches(uncommented(product), /\bconsole\.\w/g)).toEqual([]);
  });

  test('work left for later', () => {
    const files = [...code, ...documents].filter(({ path }) => path !== 'test/tidy.test.ts');
    expect(matches(files, /\b(?:TODO|FIXME|XXX|HACK)\b/g)).toEqual([]);
  });

  test('an empty catch', () => {
    expect(matches(code, /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}/g)).toEqual([]);
  });

  test('sleeping in tests', () => {
    const sleep = /\b(?:setTimeout|sleep|delay)\((?:[^;]*?,\s*)?([\d_]+)[,)]/g;
    const isLong = (match: string): boolean => {
      if (/reject|abort|kill|fail|throw|destroy/.test(match)) return false;
      const ms = /([\d_]+)[,)]$/.exec(match)?.[1] ?? '0';
      return Number(ms.replaceAll('_', '')) >= SLEEP_MS;
    };
    expect(matches(within(code, 'test/'), sleep, isLong)).toEqual([]);
  });

  test('a path of one machine', () => {
    const paths = /(?<![\w.])\/(?:work|root|Users|home\/(?:root|user|ubuntu|debian))\/\w/g;
    expect(matches([...code, ...documents], paths)).toEqual([]);
  });
});

describe('the reader of functions', () => {
  const text = [
    'export function one(): void {',
    '  // Why.',
    '',
    '  go();',
    '}',
    'class Two {',
    '  async #three(',
    '    a: number,',
    '  ): Promise<void> {',
    '    if (a > 1) {',
    '      go();',
    '    }',
    '  }',
    '}',
    'const four = (a: number) => a;',
  ].join('\n');

  test('finds functions and methods, and counts lines of code', () => {
    expect(functionsOf(text)).toEqual([
      { name: 'one', line: 1, length: 1 },
      { name: '#three', line: 7, length: 3 },
    ]);
  });
});
