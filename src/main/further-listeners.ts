/**
 * The listeners besides the two ports: opened together, and closed together. One that was asked for
 * and cannot be opened keeps the engine from starting; one that the demo would merely like to have
 * does not.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { TlsPem } from '../gateway/bind-check.ts';
import type { ListenerEngine } from '../gateway/body-batcher.ts';
import type { IngestApp } from '../gateway/ingest-app.ts';
import { LISTENER_NAMES } from '../gateway/listener-names.ts';
import type {
  ListenerName,
  ListenerOption,
  ListenerOptions,
  ListenerPorts,
} from '../gateway/listener-names.ts';
import type { OpenListener } from '../gateway/open-listener.ts';
import { openOtlp } from '../gateway/otlp-listener.ts';
import { openStatsd } from '../gateway/statsd-listener.ts';
import { openSyslog } from '../gateway/syslog-listener.ts';
import type { Logger } from '../observe/logger.ts';

export interface FurtherListenersParts {
  readonly config: Config;
  readonly host: string;
  readonly listeners: ListenerOptions;
  readonly tls: TlsPem | null;
  /** Who sends must show a token; what knows no tokens is then not opened. */
  readonly needsToken: boolean;
  /** Open it all the same. */
  readonly insecure: boolean;
  readonly app: Pick<IngestApp, 'handle'>;
  readonly engine: ListenerEngine;
  readonly log: Logger;
}

export class FurtherListeners {
  readonly #open = new Map<ListenerName, OpenListener>();

  /** @throws EngineError if one that was asked for cannot be opened; then none is. */
  static async open(parts: FurtherListenersParts): Promise<FurtherListeners> {
    const all = new FurtherListeners();
    for (const name of LISTENER_NAMES) {
      const option = parts.listeners[name];
      if (option === undefined) continue;
      try {
        all.#open.set(name, await openOne(name, option, parts));
      } catch (error) {
        if (!option.isOptional || !(error instanceof EngineError)) {
          all.close();
          throw error;
        }
        parts.log.info(`no listener for ${name}: ${error.detail}`, { code: error.code });
      }
    }
    return all;
  }

  get ports(): ListenerPorts {
    return Object.fromEntries([...this.#open].map(([name, { port }]) => [name, port]));
  }

  close(): void {
    for (const listener of this.#open.values()) listener.close();
    this.#open.clear();
  }
}

function openOne(
  name: ListenerName,
  { port }: ListenerOption,
  parts: FurtherListenersParts,
): Promise<OpenListener> {
  const { host, engine, config, needsToken, insecure } = parts;
  const address = { host, port, flag: `--listen ${name}=PORT` };
  if (name === 'otlp') return openOtlp(address, parts);
  if (needsToken && !insecure) {
    const detail = `${name} knows no tokens: whoever reaches the port may send.`;
    return Promise.reject(new EngineError('ENGINE_INSECURE_BIND', detail));
  }
  return name === 'statsd' ? openStatsd(address, engine, config) : openSyslog(address, parts);
}
