/** OTLP on the port where SDKs and collectors expect it: the ingest app on a socket of its own. */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config.ts';
import type { TlsPem } from './bind-check.ts';
import type { IngestApp } from './ingest-app.ts';
import { listenError } from './listen-error.ts';
import { serveNode } from './node-requests.ts';
import type { ListenerAddress, OpenListener } from './open-listener.ts';

export interface OtlpListenerParts {
  readonly app: Pick<IngestApp, 'handle'>;
  readonly config: Config;
  readonly tls: TlsPem | null;
}

/** @throws EngineError ENGINE_PORT_IN_USE */
export function openOtlp(
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
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(listenError(error, { host, port, flag }));
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed);
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
