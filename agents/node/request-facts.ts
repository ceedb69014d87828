/** What is read of requests and answers, for servers and clients alike. */

/** The trace id in a W3C `traceparent` header; null: there is none. */
export function traceIdOf(header: unknown): string | null {
  if (typeof header !== 'string') return null;
  const id = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(header)?.[1];
  return id === undefined || id === '0'.repeat(32) ? null : id;
}

/** A `Content-Length`; null: the body's size was not told before. */
export function lengthOf(header: unknown): number | null {
  const text = typeof header === 'number' ? String(header) : header;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Without what follows `?`, which may hold what is nobody's business. */
export function pathOf(url: unknown): string | null {
  if (typeof url !== 'string') return null;
  const path = url.split('?', 1)[0] ?? '';
  return path.length > PATH_LENGTH_MAX ? path.slice(0, PATH_LENGTH_MAX) : path;
}

/** The code of an error, or its name. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // fetch says why in the cause.
  return error.cause instanceof Error ? errorName(error.cause) : error.name;
}

const PATH_LENGTH_MAX = 1_024;
