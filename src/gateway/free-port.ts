/**
 * A port that is free now, for a library that does not set SO_REUSEADDR when it picks one itself:
 * connections that a killed process leaves in TIME_WAIT would keep its port for a minute, also from
 * the process that is started in its place.
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Somebody else may take it before the caller does. @throws Error if the host is not ours. */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0, exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
