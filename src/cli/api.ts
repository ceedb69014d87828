/** Requests to a running engine, with errors a tired human can act on. */
import { ERRORS, faultText } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';
import type { ClientFlags } from './flags.ts';

export type ApiAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly message: string; readonly reached: boolean };

export async function callApi(
  flags: ClientFlags,
  path: string,
  init: { readonly method?: string; readonly body?: object; readonly ifMatch?: number } = {},
): Promise<ApiAnswer> {
  const url = new URL(path, flags.url);
  try {
    const response = await fetch(url, {
      method: init.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(flags.token === undefined ? {} : { authorization: `Bearer ${flags.token}` }),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(init.ifMatch === undefined ? {} : { 'if-match': `"${init.ifMatch}"` }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    // 204 has none.
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (response.ok) return { ok: true, body };
    return { ok: false, reached: true, message: problemText(body as Problem) };
  } catch (error) {
    return { ok: false, reached: false, message: unreachable(url, error) };
  }
}

export function problemText(problem: Partial<Problem>): string {
  const remedy = problem['remedy'];
  const tail = typeof remedy === 'string' ? `\n${remedy}` : '';
  return `${problem.title ?? 'The request failed'}: ${problem.detail ?? 'no reason given'}${tail}`;
}

function unreachable(url: URL, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return unreachableText(url.origin, reason || 'connection refused');
}

/** For an engine that does not answer at all. */
export function unreachableText(url: string, reason: string): string {
  return `${faultText('WIRE_UNREACHABLE')}: ${url} (${reason})\n${ERRORS.WIRE_UNREACHABLE.remedy}`;
}
