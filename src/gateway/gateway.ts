/** The API port as the main module starts it: the HTTP server with the dashboard this build has. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../observe/logger.ts';
import { openHttpServer } from './http-server.ts';
import type { HttpServer, HttpServerOptions } from './http-server.ts';

export interface GatewayOptions extends Omit<HttpServerOptions, 'dashboardFolder' | 'onDefect'> {
  readonly log: Logger;
  /** Default: the dashboard that was built with this engine. */
  readonly dashboardFolder?: string | null;
}

export interface Gateway extends Omit<HttpServer, 'close'> {
  /** Sends clients what waits for them and frees the port within half of `drainMs`. */
  close(): Promise<void>;
}

/** @throws EngineError ENGINE_PORT_IN_USE */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, config, dashboardFolder = builtDashboard() } = options;
  const server = await openHttpServer({
    ...options,
    dashboardFolder,
    onDefect: (error) => log.error('request failed', { detail: detailOf(error) }),
  });
  return {
    port: server.port,
    counters: server.counters,
    get clientCount() {
      return server.clientCount;
    },
    get bodyBytesInFlight() {
      return server.bodyBytesInFlight;
    },
    close: () => server.close(config.drainMs / 2),
  };
}

/** Beside the compiled engine, or below a source checkout; null: not built. */
function builtDashboard(): string | null {
  const places = ['../../dashboard/', '../../dist/dashboard/'];
  const folders = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}assets`)) ?? null;
}

function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
