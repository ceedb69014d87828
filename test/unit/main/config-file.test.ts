/** `squilla.yaml`: what is right is taken, and every mistake is told with its place. */
import { describe, expect, test } from 'vitest';
import { readText } from '../../../scripts/source-files.ts';
import { readConfigFile } from '../../../src/main/config-file.ts';

function noFiles(path: string): string {
  throw new Error(`no such file: ${path}`);
}

describe('a good file', () => {
  test.each([
    ['', { numbers: {} }],
    ['# nothing\n', { numbers: {} }],
    ['port: 0\nleaseMs: 800\n', { numbers: { port: 0, leaseMs: 800 } }],
    ['host: 0.0.0.0\ninsecure: true\n', { numbers: {}, host: '0.0.0.0', insecure: true }],
    ['transport: ws\nlogLevel: debug\n', { numbers: {}, transport: 'ws', logLevel: 'debug' }],
    ['allowedHosts: [a.example]\n', { numbers: {}, allowedHosts: ['a.example'] }],
    ['pageOrigins: [https://a.example]\n', { numbers: {}, pageOrigins: ['https://a.example'] }],
  ])('%j holds %j', (text, file) => {
    expect(readConfigFile(text, noFiles)).toStrictEqual({ ok: true, file });
  });

  test('names tables and where they come from', () => {
    const text = 'tables:\n  - {name: t, url: "https://x.test/a", key: id, format: csv}\n';
    expect(readConfigFile(text, noFiles)).toMatchObject({
      file: {
        tables: [
          {
            ...{ name: 't', kind: 'url', location: 'https://x.test/a', key: 'id', format: 'csv' },
            ...{ refreshMs: null, tokenFile: null },
          },
        ],
      },
    });
  });

  test('may keep its tokens elsewhere', () => {
    const text = 'tokens:\n  - {name: a, tokenFile: a.txt, scopes: [read]}\n';
    expect(readConfigFile(text, (path) => `secret of ${path}\n`)).toMatchObject({
      file: {
        tokens: [{ name: 'a', token: 'secret of a.txt', scopes: ['read'], streams: null }],
      },
    });
  });
});

describe('a mistake is told with line and column', () => {
  const LONG = 'a'.repeat(16);
  test.each([
    ['leasems: 1', 1, 1, /`leasems`; `leaseMs`\?/],
    ['port: 0\nleaseMs: soon', 2, 10, /whole number of ms/],
    ['port: 1.5', 1, 7, /whole number of port/],
    ['port: 70000', 1, 7, /from 0 to 65535 port, not 70000/],
    ['port:', 1, 6, /whole number/],
    ['insecure: maybe', 1, 11, /true or false/],
    ['host: 5', 1, 7, /is a text/],
    ['transport: tcp', 1, 12, /one of auto, uws, ws/],
    ['allowedHosts: a', 1, 15, /list of texts/],
    ['allowedHosts: [1]', 1, 15, /list of texts/],
    ['tokens: 1', 1, 9, /list of \{name/],
    [`tokens:\n  - {token: ${LONG}, scopes: [read]}`, 2, 5, /needs a `name`/],
    [`tokens:\n  - {name: a, token: ${LONG}, scopes: [root]}`, 2, 5, /`scopes` is a list of/],
    [`tokens:\n  - {name: a, token: ${LONG}, scopes: []}`, 2, 5, /`scopes` is a list of/],
    [`tokens:\n  - {name: a, token: short, scopes: [read]}`, 2, 5, /16 characters/],
    [`tokens:\n  - {name: a, tokenFile: gone, scopes: [read]}`, 2, 5, /no such file: gone/],
    [`tokens:\n  - {name: a, token: ${LONG}, scopes: [read], streams: x}`, 2, 5, /`streams`/],
    ['tokens:\n  - ~', 2, 5, /needs a `name`/],
    ['tables: {}', 1, 9, /list of \{name/],
    ['tables:\n  - titles', 2, 5, /a table is \{name/],
    ['tables:\n  - {file: a.csv}', 2, 5, /needs a `name`/],
    ['tables:\n  - {name: a b, file: a.csv}', 2, 5, /needs a `name`/],
    ['tables:\n  - {name: t}', 2, 5, /either `file` or `url`/],
    ['tables:\n  - {name: t, file: a.csv, url: "http://x/"}', 2, 5, /either `file` or `url`/],
    ['tables:\n  - {name: t, url: "ftp://x/"}', 2, 5, /http or https/],
    ['tables:\n  - {name: t, url: "http://a:b@x/"}', 2, 5, /tokenFile/],
    ['tables:\n  - {name: t, file: 1}', 2, 5, /`file` of the table t is a text/],
    ['tables:\n  - {name: t, file: a, kye: id}', 2, 5, /no `kye`; `key`\?/],
    ['tables:\n  - {name: t, file: a, format: xml}', 2, 5, /one of csv, json, ndjson/],
    ['tables:\n  - {name: t, file: a, refreshMs: 5}', 2, 5, /from 1000 to/],
    ['tables:\n  - {name: t, file: a}\n  - {name: t, file: b}', 3, 5, /two tables/],
    ['listeners: otlp', 1, 12, /\{name: port\}/],
    ['listeners: {carbon: 2003}', 1, 12, /otlp, statsd, syslog/],
    ['listeners: {otlp: yes}', 1, 12, /no port/],
    ['listeners: {otlp: 65536}', 1, 12, /no port/],
    ['just words', 1, 1, /name: value/],
    ['port: [', 1, 8, /./],
    ['port: 1\nport: 2', 2, 1, /unique|keys/],
  ])('%j at %i:%i', (text, line, column, message) => {
    const result = readConfigFile(text, noFiles);
    if (result.ok) throw new Error('taken');
    expect(result.mistakes[0]).toMatchObject({ line, column });
    expect(result.mistakes[0]?.message).toMatch(message);
  });

  test('all of them at once', () => {
    const result = readConfigFile('a: 1\nport: x\nhost: []\n', noFiles);
    expect(result).toMatchObject({ ok: false, mistakes: [{ line: 1 }, { line: 2 }, { line: 3 }] });
  });
});

test('the file that comes with Squilla opens the further listeners', () => {
  expect(readConfigFile(readText('squilla.yaml'), noFiles)).toEqual({
    ok: true,
    file: { numbers: {}, listeners: { otlp: 4_318, statsd: 8_125, syslog: 5_514 } },
  });
});
