/**
 * A page's connection over real sockets: what waits for an engine that reads slowly still leaves.
 */
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { JsonLink } from '../../../agents/browser/json-link.ts';
import { until } from '../../support/engine-process.ts';

let server: WebSocketServer;
let link: JsonLink;
let raw: Socket | null = null;
let events = 0;

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  events = 0;
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket, request) => {
    raw = request.socket;
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Record<string, unknown>;
      if ('watch' in message) socket.send(JSON.stringify({ active: message['watch'] }));
      else events += (message['events'] as unknown[]).length;
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  link = new JsonLink({ url: `ws://127.0.0.1:${port}`, streams: ['errors'] });
});

afterEach(() => {
  link.close();
  for (const socket of server.clients) socket.terminate();
  server.close();
  vi.unstubAllGlobals();
});

test('what could not be sent at once is sent later, also if nothing else happens', async () => {
  link.publish('errors', { text: 'first' });
  await until(() => events === 1, 'it is connected');
  raw?.pause();
  // More than the system takes for it, so that the page itself holds the rest.
  const text = 'x'.repeat(200_000);
  for (let i = 0; i < 60; i++) {
    link.publish('errors', { text });
    link.flush();
  }
  link.publish('errors', { text: 'last' });
  link.flush();
  const before = events;
  expect(before).toBeLessThan(62);
  raw?.resume();
  await until(() => events === 62, 'all have arrived', 20_000);
});
