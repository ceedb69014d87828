/** YAML within bounds: what is refused and where, and that nothing else is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineCounter, parseDocument, stringify } from 'yaml';
import { fromAlertmanager } from '../../../src/alert/notify/from-alertmanager.ts';
import { readNotifyConfig } from '../../../src/alert/notify/read-config.ts';
import { readRuleFile } from '../../../src/alert/rule-file.ts';
import { readBoard } from '../../../src/board/board-file.ts';
import { DEFAULTS } from '../../../src/config.ts';
import { parseYaml, yamlValue } from '../../../src/core/yaml-text.ts';
import { readConfigFile } from '../../../src/main/config-file.ts';
import { readQueryFile } from '../../../src/store/query-file.ts';
import { lawParameters } from '../../support/laws.ts';

const DEPTH = DEFAULTS.yamlDepthMax;
const KEYS = DEFAULTS.yamlKeysMax;
const TOO_DEEP = `nested deeper than ${DEPTH} levels`;
const TOO_MANY = `more than ${KEYS} keys in one map`;

function faultOf(text: string): string | null {
  const lines = new LineCounter();
  const [error] = parseYaml(text, lines).errors;
  if (error === undefined) return null;
  const { line, col } = lines.linePos(error.pos[0]);
  return `${line}:${col} ${error.message}`;
}

const keys = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('');
/** Each level on a line of its own, further in than the one before. */
const ladder = (levels: number, line: string): string =>
  keys(levels, (i) => `${' '.repeat(i)}${line}\n`);

describe('what is beyond a bound is the only error, at its place', () => {
  test.each([
    ['lists in brackets', '['.repeat(100_000), `1:${DEPTH + 1} ${TOO_DEEP}`],
    ['maps in brackets', `x: 1\ny: ${'{a: '.repeat(50_000)}`, `2:${4 * DEPTH} ${TOO_DEEP}`],
    ['lists on one line', '- '.repeat(50_000), `1:${2 * DEPTH + 1} ${TOO_DEEP}`],
    ['keys of keys', '? '.repeat(50_000), `1:${2 * DEPTH + 1} ${TOO_DEEP}`],
    ['maps on many lines', ladder(200, 'a:'), `${DEPTH + 1}:${DEPTH + 2} ${TOO_DEEP}`],
    ['lists on many lines', ladder(200, '-'), `${DEPTH + 1}:${DEPTH + 1} ${TOO_DEEP}`],
    ['a map of many keys', keys(40_000, (i) => `k${i}: 1\n`), `${KEYS + 1}:6 ${TOO_MANY}`],
    ['one key again and again', keys(30_000, () => ':\n'), `${KEYS + 1}:1 ${TOO_MANY}`],
    ['many keys in brackets', `{${keys(9_000, () => 'a,')}}`, `1:${2 * KEYS + 3} ${TOO_MANY}`],
  ])('%s', (_what, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });
});

describe('what only looks like it is no fault', () => {
  test.each([
    ['brackets in quotes', `a: "${'['.repeat(200)}"\nb: '${'{'.repeat(200)}'`],
    [
      'brackets in a text of several lines',
      `a: |\n${'  [[[[[[\n'.repeat(50)}b: >\n  ${'{'.repeat(99)}`,
    ],
    ['brackets in comments', `a: 1 # ${'['.repeat(200)}\n# ${'{'.repeat(200)}`],
    ['lists one after the other', `a: [${'[],'.repeat(1_000)}]`],
    ['a deep text', `a: b\n${' '.repeat(300)}c\n`],
    ['a long list', keys(20_000, (i) => `- ${i}\n`)],
    ['many small maps', keys(3_000, () => '- a: 1\n  b: 2\n')],
    ['a list beside its key', `a:\n${'- x\n'.repeat(500)}b:\n${'- y\n'.repeat(500)}`],
  ])('%s', (_what, text) => {
    expect(faultOf(text)).toBeNull();
  });
});

test('values that are nested less than half as deep as may be are read as the library reads them', () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', maxDepth: DEPTH / 2 - 2 },
      fc.oneof(fc.string(), fc.integer(), fc.constant('a: [\n- b')),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  const shape = fc.constantFrom('BLOCK_LITERAL', 'QUOTE_DOUBLE', 'PLAIN');
  fc.assert(
    fc.property(tree, shape, fc.boolean(), (value, defaultStringType, isFlow) => {
      const collectionStyle = isFlow ? 'flow' : 'any';
      const text = stringify(value, { defaultStringType, collectionStyle } as object);
      expect(yamlValue(text)).toStrictEqual({ ok: true, value: parseDocument(text).toJS() });
    }),
    lawParameters(),
  );
});

test('any text is read as the library reads it, or refused', () => {
  const piece = fc.constantFrom(...'[]{}-?:,#&*!|>\'"%@ab \n'.split(''), '- ', ': ', '\n  ', '---');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('');
      const fault = faultOf(text);
      const [error] = parseDocument(text, { prettyErrors: false }).errors;
      const isOurs = fault?.includes('nested deeper') === true;
      if (!isOurs) expect(fault?.replace(/^\d+:\d+ /, '')).toBe(error?.message);
    }),
    lawParameters(),
  );
});

test.each<readonly [string, (text: string) => unknown]>([
  ['rules', readRuleFile],
  ['a board', (text) => readBoard(text, null).mistakes],
  ['queries', (text) => readQueryFile('q.yaml', text)],
  ['notifications', (text) => readNotifyConfig([{ path: 'n.yaml', text }])],
  ['an Alertmanager', fromAlertmanager],
  ['the configuration', (text) => readConfigFile(text, () => '')],
])('%s of brackets alone are refused as that', (_what, read) => {
  expect(JSON.stringify(read('['.repeat(100_000)))).toContain(TOO_DEEP);
});
