import { describe, expect, test } from 'vitest';
import { bindCheck } from '../../../src/gateway/bind-check.ts';
import { BodyBudget } from '../../../src/gateway/body-budget.ts';
import { checkOrigin, createHostPolicy, hostName } from '../../../src/gateway/host-check.ts';
import { Sessions } from '../../../src/gateway/sessions.ts';
import { LOCAL_GRANT, createToken, tokenDigest, TokenStore } from '../../../src/gateway/tokens.ts';
import { VirtualClock } from '../../../src/core/clock.ts';

describe('binding', () => {
  const tls = { cert: '', key: '' };

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s needs nothing', (host) => {
    const verdict = bindCheck({ host, tls: null, insecure: false });
    expect(verdict).toEqual({ needsToken: false, warning: null });
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org'])(
    'plain text on %s is refused, unless insisted on',
    (host) => {
      expect(() => bindCheck({ host, tls: null, insecure: false })).toThrow('ENGINE_INSECURE_BIND');
      const insisted = bindCheck({ host, tls: null, insecure: true });
      expect(insisted.needsToken).toBe(true);
      expect(insisted.warning).toContain('plain text');
      const safe = bindCheck({ host, tls, insecure: false });
      expect(safe).toEqual({ needsToken: true, warning: null });
    },
  );
});

describe('host names', () => {
  test.each([
    { header: 'LocalHost:7070', name: 'localhost' },
    { header: '[::1]:7070', name: '::1' },
    { header: 'example.org.', name: 'example.org' },
    { header: '', name: null },
    { header: 'a b', name: null },
    { header: 'user@host', name: null },
    { header: 'localhost:99999999', name: null },
    { header: 'localhost/evil', name: null },
  ])('$header names $name', ({ header, name }) => {
    expect(hostName(header)).toBe(name);
  });

  test.each([
    { bindHost: '127.0.0.1', host: '192.168.1.5', welcome: false },
    { bindHost: '192.168.1.5', host: '192.168.1.5:7070', welcome: true },
    { bindHost: '0.0.0.0', host: '192.168.1.5:7070', welcome: true },
    { bindHost: '::', host: '[fe80::1]:7070', welcome: true },
    { bindHost: '0.0.0.0', host: 'evil.example', welcome: false },
  ])('bound to $bindHost, $host is welcome: $welcome', ({ bindHost, host, welcome }) => {
    const request = { host, origin: '', fetchSite: '', fetchMode: '', isPage: false };
    expect(checkOrigin(createHostPolicy({ bindHost }), request) === null).toBe(welcome);
  });
});

describe('the body budget', () => {
  test('holds all bodies to the bound, but lets a larger one through alone', () => {
    const budget = new BodyBudget(100);
    const large = budget.open();
    const other = budget.open();
    expect(large.grow(300)).toBe(true);
    expect(other.grow(1)).toBe(false);
    large.release();
    large.release();
    expect(budget.bytesInFlight).toBe(0);
    expect(other.grow(60)).toBe(true);
    expect(large.grow(60)).toBe(false);
    expect(large.grow(40)).toBe(true);
    expect(budget.bytesInFlight).toBe(100);
  });
});

describe('tokens and sessions', () => {
  test('only the digest is kept and only the token finds it', () => {
    const token = createToken();
    const store = new TokenStore([
      { name: 'a', scopes: ['read'], streams: null, sha256: tokenDigest(token) },
      { name: 'broken', scopes: ['admin'], streams: null, sha256: 'zz' },
    ]);
    expect(store.find(token)?.name).toBe('a');
    expect(store.find(`${token}x`)).toBeNull();
    expect(store.find('')).toBeNull();
  });

  test('a session ends with its time, and the oldest at the bound', () => {
    const clock = new VirtualClock(0);
    const sessions = new Sessions({ sessionMs: 1_000, sessionsMax: 2, clock, secure: true });
    const cookies = [1, 2, 3].map(() => sessions.open(LOCAL_GRANT, 7070).split(';')[0] ?? '');
    expect(cookies.map((cookie) => sessions.find(cookie, 7070) !== null)).toEqual([
      false,
      true,
      true,
    ]);
    expect(sessions.find(cookies[2] ?? '', 7071)).toBeNull();
    expect(sessions.find(`other=1; ${cookies[2]}`, 7070)).toBe(LOCAL_GRANT);
    clock.advance(1_000);
    expect(sessions.find(cookies[2] ?? '', 7070)).toBeNull();
    expect(sessions.open(LOCAL_GRANT, 7070)).toContain('; Secure');
  });
});
