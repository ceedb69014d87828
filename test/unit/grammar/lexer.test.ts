import { describe, expect, test } from 'vitest';
import { parse } from '../../../grammar/parse.ts';
import { lex } from '../../../grammar/lexer.ts';

/** Tokens as `Type:text`. */
function tokens(text: string): string[] {
  return lex(text).tokens.map(({ tokenType, image }) => `${tokenType.name}:${image}`);
}

function mistakes(text: string): string[] {
  return lex(text).diagnostics.map(({ code, span }) => `${code}@${span.start}`);
}

describe('L1: names', () => {
  test.each([
    'a-b',
    'us-east-1',
    'x-y:z/w',
    '@timestamp',
    'a/b',
    'a.b.c',
    '_x',
    'größe',
    '変数',
    'a.9',
    'a@b',
  ])('%s is one name', (name) =>
    expect(tokens(`select ${name}`)).toEqual(['Select:select', `Name:${name}`]),
  );

  test.each([
    { text: 'a - b', expected: ['Name:a', 'Minus:-', 'Name:b'] },
    { text: 'a -b', expected: ['Name:a', 'Minus:-', 'Name:b'] },
    { text: 'a/2', expected: ['Name:a', 'Slash:/', 'NumberText:2'] },
    {
      text: 'f(x)-1',
      expected: ['Name:f', 'LeftParen:(', 'Name:x', 'RightParen:)', 'Minus:-', 'NumberText:1'],
    },
    {
      text: 'a[0]/b',
      expected: ['Name:a', 'LeftBracket:[', 'NumberText:0', 'RightBracket:]', 'Slash:/', 'Name:b'],
    },
    { text: 'a+b', expected: ['Name:a', 'Plus:+', 'Name:b'] },
  ])('$text is arithmetic', ({ text, expected }) => {
    expect(tokens(`select ${text}`).slice(1)).toEqual(expected);
    expect(mistakes(`select ${text}`)).toEqual([]);
  });

  test.each(['a::b', 'a..b', '2xx', 'a.', 'a:'])(
    '%s is one mistake that offers back-quotes',
    (text) => {
      const { diagnostics } = parse(`select ${text}`);
      expect(diagnostics).toHaveLength(1);
      expect(diagnostics[0]?.span.start).toBe(7);
      expect(diagnostics[0]?.fixes?.[0]?.text).toBe(`\`${text}\``);
    },
  );
});

describe('L3: comments', () => {
  test.each([
    '-- c\nselect a',
    'select a -- c',
    'select a,-- c\nb',
    'select a;-- c',
    'select /* x */-- c\na',
    'select a /* x -- */ , b',
    'select a/* c */from s',
    'select /* /* */ a',
  ])('%j is fine', (text) => expect(parse(text).diagnostics).toEqual([]));

  test.each([
    { text: 'select a--b', mistake: 'MQL_COMMENT@8' },
    { text: 'select (a)--b', mistake: 'MQL_COMMENT@10' },
    { text: "select 'a,'--b", mistake: 'MQL_COMMENT@11' },
    { text: 'select a /* b', mistake: 'MQL_UNTERMINATED@9' },
  ])('$text is a mistake', ({ text, mistake }) => expect(mistakes(text)).toEqual([mistake]));
});

describe('L4: strings and back-quotes', () => {
  test.each([
    { text: `'a'`, value: 'a' },
    { text: `"a"`, value: 'a' },
    { text: `'it''s'`, value: "it's" },
    { text: `"it's"`, value: "it's" },
    { text: `"a""b"`, value: 'a"b' },
    { text: String.raw`'a\nb\'`, value: String.raw`a\nb` + '\\' },
    { text: `'a\nb'`, value: 'a\nb' },
    { text: `''`, value: '' },
    { text: '`a``b c`', value: 'a`b c' },
  ])('$text means $value', ({ text, value }) => {
    expect(lex(`select ${text}`).tokens[1]?.payload).toBe(value);
    expect(mistakes(`select ${text}`)).toEqual([]);
  });

  test.each([`'abc`, `"abc`, '`abc', `'a''`])('%s has no end', (text) => {
    expect(mistakes(`select ${text}`)).toEqual(['MQL_UNTERMINATED@7']);
  });
});

describe('L5: numbers and durations', () => {
  test.each([
    { text: '12', value: 12 },
    { text: '1.5', value: 1.5 },
    { text: '.5', value: 0.5 },
    { text: '1e3', value: 1000 },
    { text: '1.0E10', value: 1e10 },
    { text: '1e-2', value: 0.01 },
    { text: '010', value: 10 },
    { text: '99999999999999999999', value: 1e20 },
  ])('$text is $value', ({ text, value }) => {
    expect(lex(`select ${text}`).tokens[1]?.payload).toBe(value);
  });

  test.each([
    { text: '500ms', valueMs: 500 },
    { text: '10s', valueMs: 10_000 },
    { text: '1.5m', valueMs: 90_000 },
    { text: '2h', valueMs: 7_200_000 },
    { text: '7d', valueMs: 604_800_000 },
    { text: '1w', valueMs: 604_800_000 },
  ])('$text is $valueMs ms', ({ text, valueMs }) => {
    expect(lex(`select ${text}`).tokens[1]?.payload).toMatchObject({ valueMs });
  });

  test.each(['1e', '10x', '5S', '10sx', '1.', '1.x', '1e999', '1ms2', '08x'])(
    '%s is a mistake',
    (text) => {
      expect(mistakes(`select ${text}`)).toEqual(['MQL_NUMBER@7']);
    },
  );

  test('the sign is an operator', () => {
    expect(tokens('select -1').slice(1)).toEqual(['Minus:-', 'NumberText:1']);
  });
});

describe('L6: operators', () => {
  test.each([
    { text: '=!', right: '!=' },
    { text: '===', right: '==' },
    { text: '~=', right: '=~' },
    { text: '=<', right: '<=' },
    { text: '=>', right: '>=' },
    { text: '!==', right: '!=' },
  ])('$text is a mistake that says $right', ({ text, right }) => {
    const { diagnostics } = parse(`select * where a ${text} 'x'`);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'MQL_OPERATOR', span: { start: 17 } });
    expect(diagnostics[0]?.fixes?.[0]?.text).toBe(right);
  });

  test.each(['==~', '==+', '==', '=~', '!~', '!=', '<>', '<=', '>=', '<', '>', '='])(
    '%s is taken whole',
    (operator) => {
      expect(tokens(`select a ${operator}'x'`).slice(2)).toEqual([
        `Comparison:${operator}`,
        "StringText:'x'",
      ]);
    },
  );
});

describe('L7: regular expressions', () => {
  test.each([
    { text: '/a.b/', pattern: 'a.b' },
    { text: String.raw`/a\/b/`, pattern: 'a/b' },
    { text: String.raw`/[\/]\\/`, pattern: String.raw`[/]\\` },
    { text: '//', pattern: '' },
    { text: '/ a /', pattern: ' a ' },
    { text: '/* c */ /x/', pattern: 'x' },
  ])('$text is the pattern $pattern', ({ text, pattern }) => {
    const { ast } = parse(`select * where a ==~ ${text}`);
    expect(ast?.where).toMatchObject({ right: { kind: 'regex', pattern } });
  });

  test.each([
    { text: '/a/b/', at: 24, code: 'MQL_REGEX' },
    { text: '/a/i', at: 24, code: 'MQL_REGEX' },
    { text: '/a\n/', at: 21, code: 'MQL_UNTERMINATED' },
  ])('$text is a mistake', ({ text, at, code }) => {
    const { diagnostics } = parse(`select * where a ==~ ${text}`);
    expect(diagnostics[0]).toMatchObject({ code, span: { start: at } });
  });

  test('anywhere else a slash divides', () => {
    expect(tokens('select a = b / c / d')).not.toContain('RegexText');
    expect(parse('select a where b == c / d / f').ast).not.toBeNull();
  });

  test.each(["'x'", '$p'])('%s may stand in its place', (text) => {
    expect(parse(`select * where a =~ ${text}`).diagnostics).toEqual([]);
  });
});

describe('L8: the bar', () => {
  test('stands only in WINDOW', () => {
    expect(parse('select * window |5|').ast?.window).toMatchObject({ kind: 'count-window' });
    expect(parse('select a | b').diagnostics[0]?.hint).toContain('OR');
  });

  test('doubled beside a string hints at concat', () => {
    const { diagnostics } = parse("select a || 'x'");
    expect(diagnostics[0]).toMatchObject({ code: 'MQL_OR_OF_STRING', severity: 'warning' });
    expect(diagnostics[0]?.hint).toContain('concat');
  });
});

describe('L9: parameters', () => {
  test.each(['$p', '$_x1'])('%s is one', (text) => {
    expect(parse(`select * where a = ${text}`).ast?.where).toMatchObject({
      right: { kind: 'parameter', name: text.slice(1) },
    });
  });

  test.each(['$1', '$', '$ p'])('%s is not', (text) => {
    expect(mistakes(`select ${text}`)).toEqual(['MQL_PARAMETER@7']);
  });

  test.each([
    'select a from $p',
    'select a as $p from s',
    'select a from s join $p within 1s on x',
  ])('%s: not for names or streams', (text) => {
    const { diagnostics } = parse(text);
    expect(diagnostics[0]?.span.start).toBe(text.indexOf('$'));
  });
});

describe('L10: the options of SAMPLE', () => {
  test.each([
    { text: '{}', options: {} },
    { text: `{'strategy':'random','threshold':2}`, options: { strategy: 'RANDOM', threshold: 2 } },
    { text: `{"keys": ["a", 'b'], "salt": -3}`, options: { keys: ['a', 'b'], salt: -3 } },
    { text: String.raw`{"salt":"a\"\u0041\n"}`, options: { salt: 'a"A\n' } },
    {
      text: '{"extrapolate":true,"separator":false}',
      options: { extrapolate: true, separator: false },
    },
  ])('$text is read', ({ text, options }) => {
    const { ast, diagnostics } = parse(`select * sample ${text}`);
    expect(diagnostics).toEqual([]);
    expect(ast?.sample?.options).toEqual(options);
  });

  test.each([
    { text: '{not json}', at: 17 },
    { text: '{"treshold":1}', at: 17 },
    { text: '{"strategy":"NOPE"}', at: 28 },
    { text: '{"threshold":-1}', at: 29 },
    { text: '{"factor":0}', at: 26 },
    { text: '{"keys":"a"}', at: 24 },
    { text: '{"keys":[1]}', at: 24 },
    { text: '{"salt":01}', at: 25 },
    { text: '{"salt":1', at: 25 },
    { text: '{"salt":"x', at: 24 },
    { text: '{"a":{}}', at: 21 },
    { text: String.raw`{"salt":"\q"}`, at: 25 },
  ])('$text is a mistake at $at', ({ text, at }) => {
    const { ast, diagnostics } = parse(`select * sample ${text}`);
    expect(ast).toBeNull();
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'MQL_SAMPLE', span: { start: at } });
  });

  test('an unknown option gets did-you-mean', () => {
    expect(parse('select * sample {"treshold":1}').diagnostics[0]?.hint).toContain('threshold');
  });

  test.each(['toString', '__proto__', 'constructor'])('%s is no option', (key) => {
    expect(parse(`select * sample {"${key}":1}`).diagnostics[0]?.code).toBe('MQL_SAMPLE');
  });
});

describe('L14: stream names', () => {
  test.each([
    { text: 'plays*', name: 'plays*', glob: true },
    { text: 'us-*-1', name: 'us-*-1', glob: true },
    { text: '*', name: '*', glob: true },
    { text: 'a.b', name: 'a.b', glob: false },
    { text: 'from', name: 'from', glob: false },
    { text: '`plays*`', name: 'plays*', glob: false },
    { text: '`a b`', name: 'a b', glob: false },
  ])('$text after FROM, a comma and JOIN', ({ text, name, glob }) => {
    for (const query of [`select a from ${text}`, `select a from x, ${text}`]) {
      expect(parse(query).ast?.from?.sources.at(-1)).toMatchObject({ name, glob });
    }
    const { ast } = parse(`select a from x join ${text} within 1s on k`);
    expect(ast?.from?.joins[0]?.source).toMatchObject({ name, glob });
  });

  test.each(['2xx', 'us.-1', '*-a b* c'])('%s is none', (text) => {
    expect(parse(`select a from ${text}`).ast).toBeNull();
  });

  test('a star elsewhere multiplies', () => {
    expect(parse('select a*b from s').ast?.select[0]).toMatchObject({
      expression: { operator: '*' },
    });
  });
});
