/**
 * Problem documents (RFC 9457) as HTTP answers. Errors without a code are defects: their text stays
 * inside.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
import { problemFrom } from '../coordinator/problem.ts';
import { EngineError, ERRORS } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** What a client that may try again waits, in seconds. */
const RETRY_AFTER_SECONDS = '1';

export function problem(
  code: ErrorCode,
  detail: string,
  data: Readonly<Record<string, unknown>> = {},
): Problem {
  return problemFrom(new EngineError(code, detail, { data }));
}

/** The problem behind anything thrown. */
export function problemOfThrown(error: unknown): Problem {
  if (error instanceof EngineError) return problemFrom(error);
  return problem('ENGINE_INTERNAL', 'The request could not be answered.');
}

export function isRetryable(document: Problem): boolean {
  return Object.hasOwn(ERRORS, document.code) && ERRORS[document.code as ErrorCode].retryable;
}

/** Headers of a problem besides those that every response has. */
export function problemHeaders(document: Problem): Record<string, string> {
  return {
    'Content-Type': PROBLEM_TYPE,
    'Cache-Control': 'no-store',
    ...(isRetryable(document) ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}),
    ...(document.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  };
}

export function problemResponse(
  document: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(document), {
    status: document.status,
    headers: { ...problemHeaders(document), ...headers },
  });
}

/** An answer on a socket that has no response object. */
export function rawResponse(document: Problem): string {
  const body = JSON.stringify(document);
  const headers = {
    ...problemHeaders(document),
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${document.status} ${document.title}\r\n${lines.join('')}\r\n${body}`;
}
