import { describe, expect, test } from 'vitest';
import { Addresses } from '../../../agents/addresses.ts';

const GRACE_MS = 5_000;

describe('where an agent goes', () => {
  test('is the first engine that answers, in the order of the list', () => {
    const addresses = new Addresses(['a', 'b', 'c']);
    expect(addresses.take()).toBe('a');
    expect(addresses.failed(0)).toBe(false);
    expect(addresses.take()).toBe('b');
    expect(addresses.failed(0)).toBe(false);
    expect(addresses.take()).toBe('c');
    // All were asked: only now is it time to wait longer.
    expect(addresses.failed(0)).toBe(true);
    expect(addresses.take()).toBe('a');
  });

  test('is the first again for a while when that was lost', () => {
    const addresses = new Addresses(['a', 'b']);
    addresses.lost(1_000, GRACE_MS);
    for (let nowMs = 1_000; nowMs < 6_000; nowMs += 1_000) {
      expect(addresses.take()).toBe('a');
      expect(addresses.failed(nowMs)).toBe(true);
    }
    expect(addresses.failed(6_000)).toBe(false);
    expect(addresses.take()).toBe('b');
  });

  test('is the first at once when another was lost', () => {
    const addresses = new Addresses(['a', 'b']);
    addresses.failed(0);
    expect(addresses.take()).toBe('b');
    addresses.lost(1_000, GRACE_MS);
    expect(addresses.take()).toBe('a');
    addresses.failed(1_000);
    expect(addresses.take()).toBe('b');
  });

  test('is where an engine sends it, once', () => {
    const addresses = new Addresses(['a', 'b']);
    addresses.moveTo('elsewhere');
    expect(addresses.take()).toBe('elsewhere');
    expect(addresses.take()).toBe('a');
  });

  test('is the one in use when an engine asks to connect anew, whichever that is', () => {
    const addresses = new Addresses(['a', 'b']);
    addresses.take();
    addresses.failed(0);
    expect(addresses.take()).toBe('b');
    addresses.lost(1_000, GRACE_MS);
    addresses.moveTo(null);
    expect(addresses.take()).toBe('b');
    expect(addresses.take()).toBe('a');
  });

  test('of one engine is that, and every attempt is a round', () => {
    const addresses = new Addresses('a');
    for (let i = 0; i < 3; i++) {
      expect(addresses.take()).toBe('a');
      expect(addresses.failed(i)).toBe(true);
    }
    expect(new Addresses([]).take()).toBe('');
  });
});
