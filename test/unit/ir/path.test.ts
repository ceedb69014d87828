import { describe, expect, it, test } from 'vitest';
import type { FieldPath, FieldStep } from '../../../src/ir/expression.ts';
import { parsePath, pathText } from '../../../src/ir/path-text.ts';
import { compilePath, elementsOf, readPath } from '../../../src/ir/path.ts';
import type { Value } from '../../../src/model/value.ts';
import { walkPath } from '../../../src/reference/reference-path.ts';

const name = (text: string): FieldStep => ({ by: 'name', name: text });
const key = (text: string): FieldStep => ({ by: 'key', key: text });
const index = (at: number): FieldStep => ({ by: 'index', index: at });
const each: FieldStep = { by: 'each' };
const prefix = (text: string): FieldStep => ({ by: 'prefix', prefix: text });

describe('reading a path', () => {
  test.each<{ why: string; from: string; path: FieldPath; value: Value }>([
    { why: 'a key', from: '{"a":1}', path: [name('a')], value: 1 },
    { why: 'a missing key as null', from: '{}', path: [name('a')], value: null },
    { why: 'the longest key first', from: '{"a.b":1,"a":{"b":2}}', path: [name('a.b')], value: 1 },
    { why: 'an object next', from: '{"a":{"b":2}}', path: [name('a.b')], value: 2 },
    { why: 'past a null', from: '{"a.b":null,"a":{"b":2}}', path: [name('a.b')], value: 2 },
    {
      why: 'a.b then c before a then b.c',
      from: '{"a":{"b.c":1},"a.b":{"c":2}}',
      path: [name('a.b.c')],
      value: 2,
    },
    { why: 'a then b.c', from: '{"a":{"b.c":1,"b":{"c":3}}}', path: [name('a.b.c')], value: 1 },
    { why: 'every level', from: '{"a":{"b":{"c":3}}}', path: [name('a.b.c')], value: 3 },
    {
      why: 'back again',
      from: '{"a.b":{"x":1},"a":{"b":{"c":3}}}',
      path: [name('a.b.c')],
      value: 3,
    },
    { why: 'an exact key only', from: '{"a":{"b":2}}', path: [key('a.b')], value: null },
    { why: 'keys in keys', from: '{"a":{"b":2}}', path: [key('a'), key('b')], value: 2 },
    { why: 'from the front', from: '{"l":[7,8]}', path: [name('l'), index(0)], value: 7 },
    { why: 'from the end', from: '{"l":[7,8]}', path: [name('l'), index(-1)], value: 8 },
    { why: 'nothing out of range', from: '{"l":[7]}', path: [name('l'), index(1)], value: null },
    {
      why: 'nothing before the start',
      from: '{"l":[7]}',
      path: [name('l'), index(-2)],
      value: null,
    },
    { why: 'no character', from: '{"s":"abc"}', path: [name('s'), index(0)], value: null },
    { why: 'nothing in a scalar', from: '{"a":1}', path: [name('a.b')], value: null },
    { why: 'no length of a list', from: '{"l":[7]}', path: [name('l.length')], value: null },
    { why: 'no index by name', from: '{"l":[7]}', path: [name('l.0')], value: null },
    {
      why: 'every element',
      from: '{"l":[{"s":1},{},2]}',
      path: [name('l'), each, name('s')],
      value: [1, null, null],
    },
    {
      why: 'every object value',
      from: '{"o":{"x":1,"y":2}}',
      path: [name('o'), each],
      value: [1, 2],
    },
    {
      why: 'lists in lists',
      from: '{"l":[[1],[2,3]]}',
      path: [name('l'), each, each],
      value: [[1], [2, 3]],
    },
    { why: 'no element of a string', from: '{"l":"ab"}', path: [name('l'), each], value: null },
    {
      why: 'keys with a prefix',
      from: '{"ab":1,"b":2,"ac":null}',
      path: [prefix('a')],
      value: { ab: 1, ac: null },
    },
    { why: 'the event itself', from: '{"a":1}', path: [], value: { a: 1 } },
    { why: 'no prototype', from: '{}', path: [name('constructor')], value: null },
    { why: 'no prototype by name', from: '{"a":{}}', path: [name('a.__proto__')], value: null },
    { why: 'no prototype by key', from: '{}', path: [key('__proto__')], value: null },
    {
      why: 'an own __proto__',
      from: '{"__proto__":{"x":1}}',
      path: [name('__proto__.x')],
      value: 1,
    },
    { why: 'no method of a list', from: '{"l":[]}', path: [name('l'), key('map')], value: null },
  ])('finds $why', ({ from, path, value }) => {
    const event = JSON.parse(from) as Value;
    expect(readPath(event, path)).toEqual(value);
    expect(compilePath(path)(event)).toEqual(value);
    expect(walkPath(event, path)).toEqual(value);
  });

  it('keeps a prefixed key called __proto__ a key', () => {
    const found = readPath(JSON.parse('{"__proto__":1}') as Value, [prefix('__')]);
    expect(Object.keys(found as object)).toEqual(['__proto__']);
  });

  it('walks list elements and object values, and nothing else', () => {
    expect(elementsOf([1, null])).toEqual([1, null]);
    expect(elementsOf({ a: 1 })).toEqual([1]);
    expect(elementsOf('ab')).toEqual([]);
    expect(elementsOf(null)).toEqual([]);
  });
});

describe('the text of a path', () => {
  test.each<{ path: FieldPath; text: string }>([
    { path: [], text: '' },
    { path: [name('user.plan')], text: 'user.plan' },
    { path: [name('us-east-1')], text: 'us-east-1' },
    { path: [name('@timestamp')], text: '@timestamp' },
    { path: [name('a'), index(0)], text: 'a[0]' },
    { path: [name('l'), index(-1)], text: 'l[-1]' },
    { path: [name('l'), each, name('status')], text: 'l[*].status' },
    { path: [key('a.b')], text: '`a.b`' },
    { path: [key('a`b'), key("c'd")], text: "`a``b`['c''d']" },
    { path: [key('')], text: '``' },
    { path: [key('a'), name('b')], text: '`a`.b' },
    { path: [name('a'), key('b')], text: "a['b']" },
    { path: [index(0)], text: 'e[0]' },
    { path: [each, name('x')], text: 'e[*].x' },
    { path: [prefix("p'")], text: "e[^'p''']" },
    { path: [name('e'), index(0)], text: '."e"[0]' },
    { path: [name('e')], text: 'e' },
    { path: [name('a'), name('b')], text: 'a."b"' },
    { path: [name('odd name')], text: '."odd name"' },
    { path: [name('2xx')], text: '."2xx"' },
    { path: [name('')], text: '.""' },
    { path: [name('größe.π')], text: 'größe.π' },
  ])('$text', ({ path, text }) => {
    expect(pathText(path)).toBe(text);
    expect(parsePath(text)).toEqual({ ok: true, value: path });
  });

  test.each([
    { text: 'a b', position: 1 },
    { text: '[0]', position: 0 },
    { text: 'a[', position: 1 },
    { text: 'a[01]', position: 1 },
    { text: 'a..b', position: 1 },
    { text: '`a', position: 0 },
    { text: '."\\x"', position: 0 },
    { text: '.a', position: 0 },
  ])('$text is none', ({ text, position }) => {
    expect(parsePath(text)).toMatchObject({ ok: false, error: { position } });
  });
});
