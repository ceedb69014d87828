/** What the page takes from the browser, behind the ports that tests replace. */
import type { ConnectionHost, Socket } from './connection.ts';

/** Milliseconds UTC that never run backwards while the page lives. */
export function browserNow(): number {
  return performance.timeOrigin + performance.now();
}

export function browserConnectionHost(): ConnectionHost {
  return {
    openSocket: (): Socket => {
      const url = new URL('api/v1/live', baseUrl());
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      return new WebSocket(url) as unknown as Socket;
    },
    now: browserNow,
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** The folder the page was served from, without query and fragment. */
export function baseUrl(): URL {
  return new URL('.', location.href.split('#')[0] ?? location.href);
}

/** What a request came back with; `status` 0 means that nothing answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A body that is a text is sent as it is; everything else becomes JSON. */
export type Api = (
  method: Method,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ApiAnswer>;

/** Never rejects. */
export async function browserApi(
  method: Method,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  try {
    const response = await fetch(new URL(`api/v1/${path}`, baseUrl()), {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    return { status: response.status, body: parsedBody(text) };
  } catch {
    return { status: 0, body: null };
  }
}

export function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
