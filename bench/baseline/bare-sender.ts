/**
 * Process entry of the least that could send what `fan-out` measures: it plans, counts and keeps
 * nothing, and at the end of every window writes bytes that it made beforehand to all clients, the
 * results of all of a client's subscriptions in one write. What it costs is what the kernel and
 * Node take for a write, and the engine cannot take less.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { textFrame } from '../../src/gateway/result-frames.ts';
import type { BareOrder } from './bare-sender-under-test.ts';

/** RFC 6455 § 1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const sockets = new Set<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
  socket.once('data', (request) => {
    const key = /Sec-WebSocket-Key: (\S+)/i.exec(request.toString('latin1'))?.[1] ?? '';
    const accept = createHash('sha1').update(`${key}${ACCEPT_GUID}`).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    // The crowd masks with the zero key, so its requests can be read where they stand.
    socket.on('data', (chunk) => {
      for (const [, sub] of chunk.toString('latin1').matchAll(/"sub":"(\d+)"/g)) {
        socket.write(textFrame(JSON.stringify({ sub, id: null, type: 'schema' })));
      }
    });
  });
});

function start({ subscriptions, windowMs, bytesPerMessage }: BareOrder): void {
  const send = (): void => {
    const bytes = framesOf(Math.floor(Date.now() / windowMs) * windowMs);
    for (const socket of sockets) socket.write(bytes);
    schedule();
  };
  const schedule = (): void => void setTimeout(send, windowMs - (Date.now() % windowMs));
  const framesOf = (windowStart: number): Buffer => {
    const frames = Array.from({ length: subscriptions }, (_, sub) => {
      const text = JSON.stringify({
        sub: String(sub),
        id: '',
        type: 'rows',
        windowStart,
        rows: [],
      });
      return textFrame(text.padEnd(bytesPerMessage - 4));
    });
    return Buffer.concat(frames);
  };
  schedule();
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ type: 'ready', port: (server.address() as AddressInfo).port });
  });
}

process.on('message', start);
process.on('disconnect', () => process.exit(0));
