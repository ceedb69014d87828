/**
 * Sends one request of a receiver. Names are resolved once and the connection goes to an address
 * that was looked at, so a name cannot change its mind in between; redirects are not followed; time
 * and the size of the answer are bounded.
 */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { isPrivateAddress } from './private-address.ts';

export interface HttpPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Private and link-local addresses may be reached. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
}

export type HttpAnswer =
  | {
      readonly status: number;
      /** Cut at `responseBytesMax`. */
      readonly text: string;
      readonly retryAfterMs: number | null;
    }
  /** No answer came. `isRefused`: we did not ask. */
  | { readonly status: null; readonly reason: string; readonly isRefused: boolean };

export type HttpSend = (post: HttpPost) => Promise<HttpAnswer>;

const REFUSED = 'is a private address; `allowPrivate: true` lets this receiver use it';

export const sendHttp: HttpSend = (post) => {
  const url = new URL(post.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!post.allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
    return Promise.resolve({ status: null, reason: `${host} ${REFUSED}`, isRefused: true });
  }
  return new Promise((resolve) => {
    let isRefused = false;
    const fail = (error: Error): void =>
      resolve({ status: null, reason: error.message, isRefused });
    const body = Buffer.from(post.body);
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      headers: { 'User-Agent': 'squilla', ...post.headers, 'Content-Length': body.length },
      signal: AbortSignal.timeout(post.timeoutMs),
      lookup: post.allowPrivate ? undefined : guardedLookup(() => (isRefused = true)),
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => {
      void readAnswer(response, post.responseBytesMax).then(resolve, fail);
    });
    request.on('error', (error) => {
      const isLate = error.name === 'TimeoutError' || error.name === 'AbortError';
      fail(isLate ? new Error(`no answer within ${post.timeoutMs} ms`) : error);
    });
    request.end(body);
  });
};

/** Every address of the name must be public: which of them is taken is not ours to say. */
function guardedLookup(onRefused: () => void): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0);
      const inside = addresses.find(({ address }) => isPrivateAddress(address));
      if (inside !== undefined) {
        onRefused();
        return callback(new Error(`${hostname} (${inside.address}) ${REFUSED}`), '', 0);
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses as [LookupAddress];
      return callback(null, first.address, first.family);
    });
  };
}

async function readAnswer(response: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes >= bytesMax) break;
  }
  const text = Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8');
  const retryAfter = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    text,
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1_000 : null,
  };
}
