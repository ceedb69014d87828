import v8 from 'node:v8';
import { afterEach, describe, expect, it, test } from 'vitest';
import { patternProblem } from '../../../src/expr/check-patterns.ts';
import { compileLike } from '../../../src/expr/like.ts';
import { nativeSource } from '../../../src/expr/regex-native.ts';
import { allowNativeRegex, compileRegex, NATIVE_REGEX_FLAGS } from '../../../src/expr/regex.ts';

afterEach(() => {
  allowNativeRegex(false);
});

function tests(pattern: string, text: string): { find: boolean; full: boolean } | null {
  const regex = compileRegex(pattern);
  return regex.ok ? { find: regex.value.find(text), full: regex.value.full(text) } : null;
}

describe('regular expressions', () => {
  test.each<{ pattern: string; text: string; find: boolean; full: boolean }>([
    { pattern: 'b', text: 'abc', find: true, full: false },
    { pattern: 'a.c', text: 'a\nc', find: true, full: true },
    { pattern: 'c$', text: 'abc\n', find: false, full: false },
    { pattern: '^abc', text: 'abcd', find: true, full: false },
    { pattern: '^abc$', text: 'abc', find: true, full: true },
    { pattern: 'a|ab', text: 'ab', find: true, full: true },
    { pattern: '(?i)timeout', text: 'TimeOut', find: true, full: true },
    { pattern: '^.$', text: '😀', find: true, full: true },
    { pattern: '', text: 'x', find: true, full: false },
    { pattern: 'a\\.b', text: 'axb', find: false, full: false },
  ])('/$pattern/ on $text', ({ pattern, text, find, full }) => {
    expect(tests(pattern, text)).toEqual({ find, full });
  });

  test.each([
    { pattern: 'a(b', position: 3 },
    { pattern: 'a)', position: 1 },
    { pattern: '(a)[)]\\))b', position: 8 },
    { pattern: 'ab(?=c)', position: 2 },
    { pattern: '(?<=a)b', position: 0 },
    { pattern: '(a)\\1', position: 3 },
    { pattern: '[z-a]', position: 1 },
    { pattern: 'x**', position: 1 },
    { pattern: 'a{1001}', position: 1 },
    { pattern: 'a\\', position: 1 },
    { pattern: 'a'.repeat(1_001), position: 1_000 },
  ])('/$pattern/ is refused at $position', ({ pattern, position }) => {
    expect(compileRegex(pattern)).toMatchObject({ ok: false, error: { position } });
    expect(patternProblem(pattern)).toContain(`at ${position}`);
  });

  it('run on the fastest engine that is safe', () => {
    expect(engine('abc')).toBe('text');
    expect(engine('a+c')).toBe('re2js');
    for (const flag of NATIVE_REGEX_FLAGS) v8.setFlagsFromString(flag);
    allowNativeRegex(true);
    expect(engine('a+c')).toBe('native');
    expect(engine('(a{1,20}){1,20}$')).toBe('re2js');
    expect(engine('(?i)a')).toBe('re2js');
  });

  it('cannot be made to run for long', () => {
    for (const flag of NATIVE_REGEX_FLAGS) v8.setFlagsFromString(flag);
    for (const isNative of [true, false]) {
      allowNativeRegex(isNative);
      const text = `${'a'.repeat(5_000)}b`;
      expect(tests('(a+)+$', text)?.find).toBe(false);
      expect(tests('(a|a)*c', text)?.find).toBe(false);
    }
  });
});

describe('the syntax shared with V8', () => {
  test.each([
    { pattern: 'a.b', source: 'a[^]b' },
    { pattern: '\\s', source: '[\\t\\n\\f\\r ]' },
    { pattern: '(a|b)', source: '(?:a|b)' },
    { pattern: '[a-z\\d]{2,}?', source: '[a-z\\d]{2,}?' },
    { pattern: '(?i)a', source: null },
    { pattern: '[[:alpha:]]', source: null },
    { pattern: '\\pL', source: null },
    { pattern: '[]a]', source: null },
    { pattern: 'a{,3}', source: null },
    { pattern: '\\x41', source: null },
    { pattern: '[\\d-z]', source: null },
    { pattern: '😀', source: null },
    { pattern: '(?P<n>a)', source: null },
  ])('has $pattern as $source', ({ pattern, source }) => {
    expect(nativeSource(pattern)).toBe(source);
  });
});

describe('LIKE', () => {
  it('takes time proportional to text and pattern, not more', () => {
    const test = compileLike('%a_%a_%a_%a_%a_%b', false);
    expect(test?.('a'.repeat(20_000))).toBe(false);
  });

  it('refuses patterns that are too long', () => {
    expect(compileLike('a'.repeat(1_001), false)).toBeNull();
  });
});

function engine(pattern: string): string {
  const regex = compileRegex(pattern);
  return regex.ok ? regex.value.engine : 'none';
}
