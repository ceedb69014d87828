/** Sockets of an agent on a real server: one that is hung up is waited for, and so is each. */
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { AgentSocket } from '../../../agents/agent-socket.ts';
import { DEFAULTS } from '../../../src/config.ts';
import { SUBPROTOCOL } from '../../../src/wire/agent-messages.ts';
import { until } from '../../support/engine-process.ts';

let server: WebSocketServer;
const accepted: WebSocket[] = [];

beforeEach(async () => {
  server = new WebSocketServer({
    ...{ host: '127.0.0.1', port: 0 },
    handleProtocols: () => SUBPROTOCOL,
  });
  server.on('connection', (socket) => accepted.push(socket));
  await new Promise((resolve) => server.once('listening', resolve));
});

afterEach(() => {
  for (const socket of accepted.splice(0)) socket.terminate();
  server.close();
});

test('it is gone when the last of those that were hung up is closed', async () => {
  let opened = 0;
  /** Whether it was gone, each time that one was closed. */
  const gone: boolean[] = [];
  const socket: AgentSocket = new AgentSocket({
    ...{ frameMask: 'zero', compression: 'never', now: () => 0 },
    hear: ({ type }) => {
      if (type === 'opened') opened++;
    },
    onGone: () => gone.push(socket.isGone),
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  socket.connect(url, DEFAULTS);
  await until(() => opened === 1 && accepted.length === 1, 'the first is open');
  // It does not read the goodbye, so the agent waits for its answer.
  accepted[0]?.pause();
  socket.disconnect(false, false);
  socket.connect(url, DEFAULTS);
  await until(() => opened === 2, 'the second is open');
  socket.disconnect(true, false);
  expect(socket.isGone).toBe(false);
  await until(() => gone.length === 2, 'both are closed');
  expect(gone).toStrictEqual([false, true]);
});
