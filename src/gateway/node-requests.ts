/**
 * Requests of node:http for the ingest app: on the ingest port over ws, and on further listeners.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { header } from './http-request.ts';
import type { NodeHeaders } from './http-request.ts';
import type { HeadHeaders, HttpHead, ReadBody } from './ingest-app.ts';
import type { HttpReply } from './intake.ts';
import { readBody } from './request-body.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export function headHeaders(headers: NodeHeaders): HeadHeaders {
  return {
    host: header(headers, 'host'),
    origin: header(headers, 'origin'),
    fetchSite: header(headers, 'sec-fetch-site'),
    authorization: header(headers, 'authorization'),
    contentType: header(headers, 'content-type'),
    contentEncoding: header(headers, 'content-encoding'),
  };
}

/** Answers one request; `handle` never rejects. */
export async function serveNode(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (head: HttpHead, readBody: ReadBody) => Promise<HttpReply>,
): Promise<void> {
  const reply = await handle(headOf(incoming), (bytesMax, lease) =>
    readBody(incoming, bytesMax, lease),
  );
  // A body that nobody read would be taken for the next request of the connection.
  const connection = incoming.complete ? {} : { Connection: 'close' };
  outgoing.writeHead(reply.status, { ...SECURITY_HEADERS, ...reply.headers, ...connection });
  outgoing.end(reply.body);
}

function headOf(incoming: IncomingMessage): HttpHead {
  const { path, query } = pathOf(incoming.url ?? '');
  const headers = headHeaders(incoming.headers);
  return { method: incoming.method ?? '', path, query, headers };
}

/** The two halves of a request's target. */
export function pathOf(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  try {
    return { path: decodeURIComponent(path), query };
  } catch {
    // A stray % names no path of ours.
    return { path, query };
  }
}
