/**
 * Opens a TCP server of a listener. An error that comes later, such as a connection that cannot be
 * taken for want of descriptors, is the loss of whoever came: unheard, it would end the engine.
 */
import type { AddressInfo, Server } from 'node:net';
import { listenError } from './listen-error.ts';
import type { ListenerAddress } from './open-listener.ts';

/** Resolves to the port. @throws EngineError ENGINE_PORT_IN_USE */
export function listenTcp(server: Server, { host, port, flag }: ListenerAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(listenError(error, { host, port, flag }));
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed);
      server.on('error', () => undefined);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
