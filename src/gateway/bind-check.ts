/**
 * Refuses to serve plain text to a network by accident: an address that is not loopback needs TLS,
 * or the word `--insecure`, which is then said again on every start.
 */
import { EngineError } from '../core/errors.ts';
import { isLoopbackHost } from './host-check.ts';

/** PEM texts of a certificate and its key. */
export interface TlsPem {
  readonly cert: string;
  readonly key: string;
}

export interface BindRequest {
  readonly host: string;
  readonly tls: object | null;
  readonly insecure: boolean;
}

export interface BindVerdict {
  /** Anything but loopback: whoever comes must show a token. */
  readonly needsToken: boolean;
  /** To be logged at every start; null: all well. */
  readonly warning: string | null;
}

/** @throws EngineError ENGINE_INSECURE_BIND */
export function bindCheck({ host, tls, insecure }: BindRequest): BindVerdict {
  if (isLoopbackHost(host)) return { needsToken: false, warning: null };
  if (tls !== null) return { needsToken: true, warning: null };
  if (!insecure) {
    const detail = `${host} is not loopback; give --tls-cert and --tls-key, or --insecure.`;
    throw new EngineError('ENGINE_INSECURE_BIND', detail, { data: { host } });
  }
  const warning = `${host} is served as plain text: tokens and data can be read on the way.`;
  return { needsToken: true, warning };
}
