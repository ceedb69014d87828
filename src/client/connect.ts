/**
 * Live queries from a program: `connect(url)` holds one WebSocket to the engine, reconnects by
 * itself and resumes every subscription after the last id it saw, so results go on without a hole,
 * or with a `gap` message that says what is missing.
 *
 * ```ts
 * const client = connect('http://127.0.0.1:7070');
 * for await (const { message } of client.subscribe('select count() from plays window 1s')) {
 *   if (message.type === 'rows') console.log(message.rows);
 * }
 * ```
 */
import { WebSocket } from 'ws';
import { DEFAULTS } from '../config.ts';
import { systemClock } from '../core/clock.ts';
import { createRng, randomSeed } from '../core/rng.ts';
import type { Client } from './contract.ts';
import { LiveLink } from './live-link.ts';
import type { LinkHost } from './live-link.ts';

export interface ConnectOptions {
  /** Needed unless the engine is on loopback. Travels in the first message, never in the URL. */
  readonly token?: string;
}

/** @throws TypeError if `url` is no http(s) or ws(s) address. */
export function connect(url: string, options: ConnectOptions = {}): Client {
  const link = new LiveLink(webSocketHost(liveUrl(url)), options.token ?? null);
  link.start();
  return link;
}

function liveUrl(text: string): URL {
  const url = new URL(text);
  const protocols = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' };
  const protocol = protocols[url.protocol as keyof typeof protocols];
  if (protocol === undefined) throw new TypeError(`not an http(s) or ws(s) address: ${text}`);
  url.protocol = protocol;
  const folder = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  if (!url.pathname.endsWith('/api/v1/live')) url.pathname = `${folder}api/v1/live`;
  url.search = '';
  url.hash = '';
  return url;
}

function webSocketHost(url: URL): LinkHost {
  const rng = createRng(randomSeed());
  return {
    now: () => systemClock.now(),
    random: () => rng.next(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    open: (events) => {
      const socket = new WebSocket(url, {
        perMessageDeflate: false,
        handshakeTimeout: DEFAULTS.handshakeMs,
        maxPayload: 64 * DEFAULTS.frameBytesMax,
      });
      let reason = '';
      socket.on('open', () => events.opened());
      socket.on('message', (data) => events.received((data as Buffer).toString('utf8')));
      socket.on('error', (error) => (reason = error.message));
      socket.on('close', (code, text) => events.closed(code, reason || text.toString('utf8')));
      return {
        send: (text) => {
          if (socket.readyState === socket.OPEN) socket.send(text);
        },
        close: () => {
          if (socket.readyState === socket.CONNECTING) socket.terminate();
          else socket.close(1000);
        },
        abort: () => socket.terminate(),
      };
    },
  };
}
