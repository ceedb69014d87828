/** An HTTP server that keeps what it is sent and answers as it is told. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Hook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

export interface HookServer {
  readonly url: string;
  readonly port: number;
  readonly hooks: Hook[];
  /** Status and body of the next answers; null: never answer. */
  answer: (hook: Hook) => HookAnswer | null;
  close(): Promise<void>;
}

export interface HookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const open = new Set<HookServer>();

export async function startHookServer(): Promise<HookServer> {
  const hooks: Hook[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { url: path = '', headers } = request;
      const hook = { path, headers, body, atMs: performance.timeOrigin + performance.now() };
      hooks.push(hook);
      const answer = hookServer.answer(hook);
      if (answer === null) return;
      response.writeHead(answer.status, { ...answer.headers });
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const hookServer: HookServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    hooks,
    answer: () => ({ status: 200, body: 'ok' }),
    close: () =>
      new Promise((resolve) => {
        open.delete(hookServer);
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  open.add(hookServer);
  return hookServer;
}

export async function closeHookServers(): Promise<void> {
  await Promise.all([...open].map((server) => server.close()));
}
