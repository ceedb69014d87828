/** A gateway on a free loopback port over a {@link MemoryEngine}, and raw HTTP to it. */
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openHttpServer } from '../../src/gateway/http-server.ts';
import type { HttpServer, HttpServerOptions } from '../../src/gateway/http-server.ts';
import { MemoryEngine } from './memory-engine.ts';

export interface GatewayHarness {
  readonly engine: MemoryEngine;
  readonly server: HttpServer;
  readonly url: string;
  readonly defects: unknown[];
  call(options: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  readonly path: string;
  /** As they are: unlike fetch, this sends any Host and Origin. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export type HarnessOptions = Partial<Omit<HttpServerOptions, 'config'>> & {
  readonly settings?: Partial<Config>;
};

export async function startHarness(options: HarnessOptions = {}): Promise<GatewayHarness> {
  const engine = new MemoryEngine();
  const defects: unknown[] = [];
  const server = await openHttpServer({
    engine,
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    tokens: [],
    needsToken: false,
    dashboardFolder: null,
    onDefect: (error) => defects.push(error),
    ...options,
    config: configWith(options.settings ?? {}),
  });
  return {
    engine,
    server,
    url: `http://127.0.0.1:${server.port}`,
    defects,
    call: (call) => callPort(server.port, call),
    close: () => server.close(200),
  };
}

export function callPort(port: number, options: CallOptions): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port, method, path, headers, agent: false };
    const request = httpRequest(target, (response) => void collect(response).then(resolve, reject));
    request.on('error', reject);
    request.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  const json = (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: response.statusCode ?? 0, headers: response.headers, text, json };
}

/** An event stream, read event by event. */
export interface EventReader {
  next(): Promise<{ id: string | null; event: string; data: Record<string, unknown> } | null>;
  readonly response: Response;
  close(): void;
}

export async function openEvents(
  url: string,
  headers: Record<string, string> = {},
): Promise<EventReader> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  return {
    response,
    close: () => abort.abort(),
    next: async () => {
      for (;;) {
        const end = rest.indexOf('\n\n');
        if (end === -1) {
          const { done, value } = await reader.read();
          if (done) return null;
          rest += decoder.decode(value, { stream: true });
          continue;
        }
        const lines = rest.slice(0, end).split('\n');
        rest = rest.slice(end + 2);
        const pick = (name: string): string | null =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
        const event = pick('event');
        if (event === null) continue;
        const data = JSON.parse(pick('data') ?? '{}') as Record<string, unknown>;
        return { id: pick('id'), event, data };
      }
    },
  };
}
