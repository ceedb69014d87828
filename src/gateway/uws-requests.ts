/**
 * Requests of uWebSockets.js for the ingest app. Request and chunks are borrowed until a call
 * returns, so the head is read and the body's chunks are copied at once; a response must not be
 * touched any more once its client has gone.
 */
import { STATUS_CODES } from 'node:http';
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { EngineError } from '../core/errors.ts';
import type { BodyLease } from './body-budget.ts';
import type { HttpHead, ReadBody } from './ingest-app.ts';
import type { HttpReply } from './intake.ts';
import { pathOf } from './node-requests.ts';
import { busy, tooLarge } from './request-body.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Answers one request; `handle` never rejects. */
export function serveUws(
  response: HttpResponse,
  request: HttpRequest,
  handle: (head: HttpHead, readBody: ReadBody) => Promise<HttpReply>,
): void {
  const body = new UwsBody(response);
  const answer = handle(headOf(request), (bytesMax, lease) => body.read(bytesMax, lease));
  void answer.then((reply) => {
    if (body.isAborted) return;
    response.cork(() => send(response, reply, body.isWhole));
  });
}

/** A body as it comes in; only the first call of `read` gets it. */
class UwsBody {
  readonly #response: HttpResponse;
  isAborted = false;
  /** Nothing of it is still to come. */
  isWhole = false;
  #fail: (error: EngineError) => void = () => undefined;

  constructor(response: HttpResponse) {
    this.#response = response;
    response.onAborted(() => {
      this.isAborted = true;
      this.#fail(new EngineError('ENGINE_BAD_REQUEST', 'The body broke off.'));
    });
  }

  read(bytesMax: number, lease: BodyLease): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const chunks: Buffer[] = [];
      let bytes = 0;
      let isRefused = false;
      this.#response.onData((chunk, isLast) => {
        this.isWhole = isLast;
        if (isRefused) return;
        bytes += chunk.byteLength;
        const refusal =
          bytes > bytesMax ? tooLarge(bytesMax) : lease.grow(chunk.byteLength) ? null : busy();
        if (refusal !== null) {
          isRefused = true;
          reject(refusal);
          return;
        }
        chunks.push(Buffer.from(chunk.slice(0)));
        if (isLast) resolve(Buffer.concat(chunks));
      });
    });
  }
}

function headOf(request: HttpRequest): HttpHead {
  return {
    method: request.getMethod().toUpperCase(),
    path: pathOf(request.getUrl()).path,
    query: request.getQuery() ?? '',
    headers: {
      host: request.getHeader('host'),
      origin: request.getHeader('origin'),
      fetchSite: request.getHeader('sec-fetch-site'),
      authorization: request.getHeader('authorization'),
      contentType: request.getHeader('content-type'),
      contentEncoding: request.getHeader('content-encoding'),
    },
  };
}

function send(response: HttpResponse, reply: HttpReply, isWhole: boolean): void {
  response.writeStatus(`${reply.status} ${STATUS_CODES[reply.status] ?? ''}`);
  for (const [name, value] of Object.entries({ ...SECURITY_HEADERS, ...reply.headers })) {
    response.writeHeader(name, value);
  }
  // A body that nobody read would be taken for the next request of the connection.
  response.end(reply.body, !isWhole);
}
