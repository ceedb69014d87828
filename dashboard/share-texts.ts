/** A question in the words of other tools: command line, curl, a link. Pure. */
import type { TimeSpan } from './plot-overlays.ts';

/** As a POSIX shell takes it, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** `origin` is where the engine answers, with a slash at the end. */
export function cliText(query: string, origin: string): string {
  const address = origin.replace(/\/$/, '');
  const where = address === 'http://127.0.0.1:7070' ? '' : ` --url ${shellQuoted(address)}`;
  return `squilla query${where} ${shellQuoted(query)}`;
}

export function curlText(query: string, origin: string): string {
  const params = new URLSearchParams({ q: query }).toString();
  return `curl -N ${shellQuoted(`${origin}api/v1/query/live?${params}`)}`;
}

/** A link that asks the same at once, and shows the same stretch of time if one is held. */
export function linkText(query: string, page: string, view: TimeSpan | null = null): string {
  const times =
    view === null
      ? {}
      : { from: String(Math.round(view.fromMs)), to: String(Math.round(view.toMs)) };
  return `${page}#${new URLSearchParams({ q: query, run: '1', ...times }).toString()}`;
}
