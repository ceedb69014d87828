/**
 * One HTTP request that the engine makes of somebody else. Names are resolved once and the
 * connection goes to an address that was looked at, so a name cannot change its mind in between;
 * redirects are not followed; time and the size of the answer are bounded.
 */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { isPrivateAddress } from './private-address.ts';

/** Finds the addresses of a name; node:dns unless somebody says otherwise. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true; readonly family?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface HttpAsk {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a POST. */
  readonly body?: string;
  /** Private and link-local addresses may be reached. */
  readonly allowPrivate: boolean;
  /** For people: what would allow them. */
  readonly remedy: string;
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly resolve?: Resolve;
}

export type HttpAnswer =
  | {
      readonly status: number;
      /** Cut at `responseBytesMax`; `isCut`: there was more. */
      readonly text: string;
      readonly isCut: boolean;
      readonly headers: IncomingHttpHeaders;
      readonly retryAfterMs: number | null;
    }
  /** No answer came. `isRefused`: we did not ask. */
  | { readonly status: null; readonly reason: string; readonly isRefused: boolean };

export type HttpSend = (ask: HttpAsk) => Promise<HttpAnswer>;

/** Never rejects for what the other side does. The URL is a valid one of http or https. */
export const exchangeHttp: HttpSend = (ask) => {
  const url = new URL(ask.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!ask.allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
    const reason = refusal(host, ask);
    return Promise.resolve({ status: null, reason, isRefused: true });
  }
  return new Promise((resolve) => {
    let isRefused = false;
    const signal = AbortSignal.timeout(ask.timeoutMs);
    const fail = (error: Error): void => {
      const reason = signal.aborted ? `no answer within ${ask.timeoutMs} ms` : error.message;
      resolve({ status: null, reason, isRefused });
    };
    const options = optionsOf(ask, signal, () => (isRefused = true));
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => {
      void readAnswer(response, ask.responseBytesMax).then(resolve, fail);
    });
    request.on('error', fail);
    request.end(ask.body);
  });
};

function optionsOf(ask: HttpAsk, signal: AbortSignal, onRefused: () => void): RequestOptions {
  const { body, headers, method } = ask;
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  return {
    method,
    agent: false,
    headers: { 'User-Agent': 'squilla', ...headers, ...length },
    signal,
    lookup: guardedLookup(ask, onRefused),
  };
}

/** Every address of the name must be public: which of them is taken is not ours to say. */
function guardedLookup(ask: HttpAsk, onRefused: () => void): LookupFunction {
  const { allowPrivate, resolve = lookup } = ask;
  return (hostname, { all, family }, callback) => {
    const wanted = { all: true as const, ...(typeof family === 'number' && { family }) };
    resolve(hostname, wanted, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const inside = addresses.find(({ address }) => isPrivateAddress(address));
      if (!allowPrivate && inside !== undefined) {
        onRefused();
        return callback(new Error(refusal(`${hostname} (${inside.address})`, ask)), '', 0);
      }
      if (all === true) return callback(null, addresses);
      const [first] = addresses as [LookupAddress];
      return callback(null, first.address, first.family);
    });
  };
}

function refusal(where: string, { remedy }: HttpAsk): string {
  return `${where} is a private address; ${remedy}`;
}

async function readAnswer(response: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > bytesMax) break;
  }
  const retryAfter = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8'),
    isCut: bytes > bytesMax,
    headers: response.headers,
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1_000 : null,
  };
}
