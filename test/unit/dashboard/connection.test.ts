/** The live link under a scripted socket and clock: subscribe, resume, reconnect, silence. */
import { describe, expect, test } from 'vitest';
import { Connection } from '../../../dashboard/connection.ts';
import type { Socket } from '../../../dashboard/connection.ts';
import { LINK_SILENCE_MS, RECONNECT_MAX_MS, STOP_MS } from '../../../dashboard/limits.ts';
import type { ResultMessage } from '../../../src/wire/results.ts';

class ScriptedSocket implements Socket {
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  subscribes(): Record<string, unknown>[] {
    return this.sent.filter((message) => message['type'] === 'subscribe');
  }
}

class World {
  now = 1_000;
  readonly sockets: ScriptedSocket[] = [];
  #timers: { at: number; call: () => void }[] = [];
  readonly connection = new Connection({
    openSocket: () => {
      const socket = new ScriptedSocket();
      this.sockets.push(socket);
      return socket;
    },
    now: () => this.now,
    random: () => 0.999,
    after: (ms, call) => {
      const timer = { at: this.now + ms, call };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
  });

  get socket(): ScriptedSocket {
    const last = this.sockets.at(-1);
    if (last === undefined) throw new Error('no socket was opened');
    return last;
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined || due.at > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.now = due.at;
      due.call();
    }
    this.now = end;
  }
}

function connected(): { world: World; heard: ResultMessage[]; close: () => void } {
  const world = new World();
  const heard: ResultMessage[] = [];
  world.connection.start();
  const { close } = world.connection.subscribe('select 1', {}, (message) => heard.push(message));
  world.socket.open();
  return { world, heard, close };
}

const PROGRESS = { type: 'progress', watermark: 1, lagMs: 2 };

describe('the connection', () => {
  test('subscribes once the socket is open', () => {
    const { world } = connected();
    expect(world.socket.subscribes()).toEqual([
      { type: 'subscribe', sub: 's1', query: 'select 1', params: {} },
    ]);
    expect(world.connection.link.value.state).toBe('open');
  });

  test('gives each message to the subscription it is for', () => {
    const { world, heard } = connected();
    world.socket.say({ sub: 's1', id: 'x-1', ...PROGRESS });
    world.socket.say({ sub: 's9', id: 'x-2', ...PROGRESS });
    expect(heard).toHaveLength(1);
  });

  test('resumes after the last id it saw', () => {
    const { world } = connected();
    world.socket.say({ sub: 's1', id: 'x-7', ...PROGRESS });
    world.socket.close();
    expect(world.connection.link.value.state).toBe('away');
    world.advance(RECONNECT_MAX_MS);
    world.socket.open();
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.subscribes()[0]?.['resume']).toBe('x-7');
    expect(world.connection.link.value.state).toBe('open');
  });

  test('waits longer after each failure, up to a bound', () => {
    const { world } = connected();
    world.socket.close();
    for (let i = 0; i < 12; i++) {
      world.advance(RECONNECT_MAX_MS);
      world.socket.close();
    }
    const before = world.sockets.length;
    world.advance(RECONNECT_MAX_MS / 2 - 1);
    expect(world.sockets).toHaveLength(before);
    world.advance(RECONNECT_MAX_MS);
    expect(world.sockets).toHaveLength(before + 1);
  });

  test('closes a link that says nothing while a query runs', () => {
    const { world } = connected();
    world.advance(LINK_SILENCE_MS + 4_000);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  test('keeps a quiet link on which nothing runs', () => {
    const { world, close } = connected();
    close();
    world.advance(LINK_SILENCE_MS * 4);
    expect(world.sockets).toHaveLength(1);
  });

  test('does not ask again for what ended or was refused', () => {
    for (const last of [
      { type: 'end', reason: 'limit' },
      {
        type: 'error',
        problem: { status: 400, title: 'no', detail: 'no', code: 'MQL', type: 'x' },
      },
    ]) {
      const { world } = connected();
      world.socket.say({ sub: 's1', id: null, ...last });
      world.socket.close();
      world.advance(RECONNECT_MAX_MS);
      world.socket.open();
      expect(world.socket.subscribes()).toEqual([]);
    }
  });

  test('goes on with the next engine after one that was stopped', () => {
    const { world } = connected();
    world.socket.say({ sub: 's1', id: 'i-1', type: 'end', reason: 'the engine was stopped' });
    world.socket.close();
    world.advance(RECONNECT_MAX_MS);
    world.socket.open();
    expect(world.socket.subscribes()).toMatchObject([{ sub: 's1', resume: 'i-1' }]);
  });

  test('does not ask again for what was ended long before the link broke', () => {
    const { world } = connected();
    world.socket.say({ sub: 's1', id: null, type: 'end', reason: 'deleted' });
    world.advance(STOP_MS + 1);
    world.socket.close();
    world.advance(RECONNECT_MAX_MS);
    world.socket.open();
    expect(world.socket.subscribes()).toEqual([]);
  });

  test.each(['', 'nonsense', '[]', '{"sub":1}', '{"sub":"s1","type":"__proto__"}', 'null'])(
    'survives the message %j',
    (text) => {
      const { world, heard } = connected();
      world.socket.onmessage?.({ data: text });
      expect(heard).toEqual([]);
    },
  );

  test('tells the engine when a subscription closes', () => {
    const { world, close } = connected();
    close();
    expect(world.socket.sent.at(-1)).toEqual({ type: 'unsubscribe', sub: 's1' });
  });
});
