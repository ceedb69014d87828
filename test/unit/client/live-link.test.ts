import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { ClientState } from '../../../src/client/contract.ts';
import { LiveLink } from '../../../src/client/live-link.ts';
import type { LinkHost, LinkSocket, SocketEvents } from '../../../src/client/live-link.ts';

/** Sockets and timers by hand. */
class FakeHost implements LinkHost {
  readonly sockets: { events: SocketEvents; sent: Record<string, unknown>[]; isClosed: boolean }[] =
    [];
  readonly timers = new Set<{ atMs: number; call: () => void }>();
  nowMs = 0;

  now(): number {
    return this.nowMs;
  }

  random(): number {
    return 1;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  open(events: SocketEvents): LinkSocket {
    const socket = { events, sent: [] as Record<string, unknown>[], isClosed: false };
    this.sockets.push(socket);
    return {
      send: (text) => void socket.sent.push(JSON.parse(text) as Record<string, unknown>),
      close: () => (socket.isClosed = true),
      abort: () => (socket.isClosed = true),
    };
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers]) {
      if (timer.atMs > this.nowMs || !this.timers.delete(timer)) continue;
      timer.call();
    }
  }

  get last(): FakeHost['sockets'][number] {
    return this.sockets.at(-1) as FakeHost['sockets'][number];
  }

  say(message: object): void {
    this.last.events.received(JSON.stringify(message));
  }
}

function started(token: string | null = null): {
  host: FakeHost;
  link: LiveLink;
  states: string[];
} {
  const host = new FakeHost();
  const link = new LiveLink(host, token);
  const states: string[] = [];
  link.onState((state: ClientState) => states.push(state.status));
  link.start();
  return { host, link, states };
}

const ROWS = { type: 'rows', rows: [] };

describe('a link', () => {
  test('authenticates first, then subscribes to what was asked before it opened', () => {
    const { host, link, states } = started('secret');
    link.subscribe('q', { params: { a: 1 }, resume: 'p-7' });
    expect(host.last.sent).toEqual([]);
    host.last.events.opened();
    expect(host.last.sent).toEqual([
      { type: 'auth', token: 'secret' },
      { type: 'subscribe', sub: 's1', query: 'q', params: { a: 1 }, resume: 'p-7' },
    ]);
    expect(states).toEqual(['connecting', 'open']);
  });

  test('resumes after the last id it saw', () => {
    const { host, link } = started();
    const heard: unknown[] = [];
    link.subscribe('q', { onMessage: (message) => heard.push(message.type) });
    host.last.events.opened();
    host.say({ sub: 's1', id: 'p-1', ...ROWS });
    host.last.events.closed(1006, '');
    host.advance(DEFAULTS.reconnectMinMs);
    host.last.events.opened();
    expect(host.last.sent[0]).toMatchObject({ resume: 'p-1' });
    expect(heard).toEqual(['rows']);
  });

  test('says what it may have missed when there is nothing to resume by', () => {
    const { host, link } = started();
    const heard: unknown[] = [];
    link.subscribe('q', { onMessage: (message) => heard.push(message) });
    host.last.events.opened();
    host.say({ sub: 's1', id: null, type: 'schema' });
    host.advance(50);
    host.last.events.closed(1006, '');
    host.advance(DEFAULTS.reconnectMinMs);
    host.last.events.opened();
    const fromTime = 50;
    const toTime = 50 + DEFAULTS.reconnectMinMs;
    expect(heard[1]).toMatchObject({ type: 'gap', fromTime, toTime, reason: 'disconnected' });
  });

  test('waits longer each time, up to the bound, and anew after success', () => {
    const { host } = started();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      host.last.events.closed(1006, 'refused');
      const wait = Math.min(...[...host.timers].map((timer) => timer.atMs - host.nowMs));
      waits.push(wait);
      host.advance(wait);
    }
    expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(waits.at(-1)).toBe(DEFAULTS.reconnectMaxMs);
    host.last.events.opened();
    host.last.events.closed(1006, '');
    expect([...host.timers][0]?.atMs).toBe(host.nowMs + DEFAULTS.reconnectMinMs);
  });

  test('tells why it waits and whether it ever was connected', () => {
    const { host, link } = started();
    host.last.events.closed(1006, 'ECONNREFUSED');
    expect(link.state).toEqual({ status: 'waiting', everConnected: false, reason: 'ECONNREFUSED' });
  });

  test('is dead if it answers no ping', () => {
    const { host, link } = started();
    host.last.events.opened();
    host.advance(DEFAULTS.pingMs / 2);
    expect(host.last.sent).toEqual([{ type: 'ping' }]);
    host.say({ type: 'pong' });
    host.advance(DEFAULTS.pingMs / 2);
    expect(link.state.status).toBe('open');
    host.advance(DEFAULTS.pingMs / 2);
    expect(link.state.status).toBe('waiting');
    expect(host.last.isClosed).toBe(true);
  });

  test('does not come again after a refused token, and tells every subscription', async () => {
    const { host, link } = started('wrong');
    const subscription = link.subscribe('q');
    host.last.events.opened();
    const problem = { code: 'ENGINE_UNAUTHORIZED' };
    host.say({ sub: null, id: null, type: 'error', problem });
    host.last.events.closed(4401, 'ENGINE_UNAUTHORIZED');
    expect(link.state.status).toBe('closed');
    expect(host.timers.size).toBe(0);
    const heard: unknown[] = [];
    for await (const { message } of subscription) heard.push(message);
    expect(heard).toEqual([{ type: 'error', problem }]);
  });

  test('may be closed by a listener while it loses its socket', () => {
    const { host, link } = started();
    link.onState((state) => {
      if (state.status === 'waiting') link.close();
    });
    host.last.events.closed(1006, '');
    expect(host.timers.size).toBe(0);
    expect(link.state.status).toBe('closed');
  });

  test.each([
    'no json',
    '[]',
    'null',
    '{"type":"dance"}',
    '{"sub":"s1"}',
    '{"sub":"s9","type":"end"}',
  ])('what it does not understand changes nothing: %s', (text) => {
    const { host, link } = started();
    const heard: unknown[] = [];
    link.subscribe('q', { onMessage: (message) => heard.push(message) });
    host.last.events.opened();
    host.last.events.received(text);
    expect(heard).toEqual([]);
    expect(link.state.status).toBe('open');
  });
});

describe('a subscription', () => {
  test('iterates until the end', async () => {
    const { host, link } = started();
    const subscription = link.subscribe('q');
    host.last.events.opened();
    host.say({ sub: 's1', id: 'p-1', ...ROWS });
    host.say({ sub: 's1', id: null, type: 'end', reason: 'stopped' });
    const types: string[] = [];
    for await (const { message } of subscription) types.push(message.type);
    expect(types).toEqual(['rows', 'end']);
    expect(subscription.lastId).toBe('p-1');
  });

  test('leaving the loop unsubscribes', async () => {
    const { host, link } = started();
    const subscription = link.subscribe('q');
    host.last.events.opened();
    host.say({ sub: 's1', id: 'p-1', ...ROWS });
    for await (const { id } of subscription) {
      expect(id).toBe('p-1');
      break;
    }
    expect(host.last.sent.at(-1)).toEqual({ type: 'unsubscribe', sub: 's1' });
  });

  test('a reader that lags loses the oldest answers and is told', async () => {
    const { host, link } = started();
    const subscription = link.subscribe('q');
    host.last.events.opened();
    host.say({ sub: 's1', id: null, type: 'schema' });
    for (let i = 0; i <= 10_000; i++) host.say({ sub: 's1', id: `p-${i}`, ...ROWS });
    link.close();
    const heard: string[] = [];
    for await (const { message } of subscription) heard.push(message.type);
    expect(heard.slice(0, 3)).toEqual(['drop', 'schema', 'rows']);
    expect(heard.length).toBeLessThan(10_000);
  });

  test('of a closed client is over at once', async () => {
    const { link } = started();
    link.close();
    const result = await link.subscribe('q')[Symbol.asyncIterator]().next();
    expect(result.done).toBe(true);
  });
});
