/**
 * Parts of URLs by RFC 3986's splitting rule (appendix B), without validating or normalising: logs
 * hold broken URLs, and a bare path such as `/a?b` is one too.
 */

/** The path, `/` for a URL with an authority and none; the text up to `?` or `#` otherwise. */
export function urlPath(url: string): string {
  const start = authorityEnd(url);
  const end = firstOf(url, start, '?#');
  const path = url.slice(start, end);
  return path === '' && start > 0 ? '/' : path;
}

/** The host in lower case without user and port; null if there is no authority. */
export function urlHost(url: string): string | null {
  const start = authorityStart(url);
  if (start < 0) return null;
  const authority = url.slice(start, authorityEnd(url));
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  const name = end > 0 ? host.slice(0, end) : host;
  return name === '' || name.startsWith(':') ? null : name.toLowerCase();
}

function authorityStart(url: string): number {
  if (url.startsWith('//')) return 2;
  const mark = url.indexOf('://');
  return mark > 0 && firstOf(url, 0, '/?#') === mark + 1 ? mark + 3 : -1;
}

function authorityEnd(url: string): number {
  const start = authorityStart(url);
  return start < 0 ? 0 : firstOf(url, start, '/?#');
}

function firstOf(text: string, from: number, characters: string): number {
  for (let i = from; i < text.length; i += 1) if (characters.includes(text.charAt(i))) return i;
  return text.length;
}
