/** Requests to a running engine, with errors a tired human can act on. */
import { ERRORS, faultText } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';
import type { ClientFlags } from './flags.ts';

export type ApiAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly message: string; readonly reached: boolean };

/** `body` goes as JSON, `text` as the media type `type`. */
export interface ApiRequest {
  readonly method?: string;
  readonly body?: object;
  readonly text?: string;
  readonly type?: string;
  readonly ifMatch?: number;
}

export async function callApi(
  flags: ClientFlags,
  path: string,
  init: ApiRequest = {},
): Promise<ApiAnswer> {
  const url = new URL(path, flags.url);
  const sent = init.text ?? (init.body === undefined ? undefined : JSON.stringify(init.body));
  try {
    const response = await fetch(url, {
      method: init.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(flags.token === undefined ? {} : { authorization: `Bearer ${flags.token}` }),
        ...(init.ifMatch === undefined ? {} : { 'if-match': `"${init.ifMatch}"` }),
        ...(sent === undefined ? {} : { 'content-type': init.type ?? 'application/json' }),
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    // 204 has none.
    const body: unknown = text === '' ? {} : parsed(text, response);
    if (response.ok) return { ok: true, body };
    return { ok: false, reached: true, message: problemText(body as Problem) };
  } catch (error) {
    return { ok: false, reached: false, message: unreachable(url, error) };
  }
}

/** Answers in lines of JSON are a list of them. */
function parsed(text: string, { headers }: Response): unknown {
  if (headers.get('content-type')?.includes('ndjson') !== true) return JSON.parse(text);
  return text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
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
