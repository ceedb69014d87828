/** OTLP on the port where SDKs and collectors expect it: the ingest app on a socket of its own. */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Config } from '../config.ts';
import type { TlsPem } from './bind-check.ts';
import type { IngestApp } from './ingest-app.ts';
import { listenTcp } from './listen-tcp.ts';
import { serveNode } from './node-requests.ts';
import type { ListenerAddress, OpenListener } from './open-listener.ts';

export interface OtlpListenerParts {
  readonly app: Pick<IngestApp, 'handle'>;
  readonly config: Config;
  readonly tls: TlsPem | null;
}

/** @throws EngineError ENGINE_PORT_IN_USE */
export async function openOtlp(
  { host, port, flag }: ListenerAddress,
  { app, config, tls }: OtlpListenerParts,
): Promise<OpenListener> {
  const timeouts = { requestTimeout: config.requestMs, headersTimeout: config.handshakeMs };
  const server =
    tls === null
      ? createServer(timeouts)
      : createTlsServer({ ...timeouts, ...tls, minVersion: 'TLSv1.2' });
  server.maxConnections = config.agentsMax;
  server.on('request', (incoming, outgoing) => {
    void serveNode(incoming, outgoing, (head, readBody) => app.handle(head, readBody));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const opened = await listenTcp(server, { host, port, flag });
  return {
    port: opened,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
