/**
 * Browsers that exchanged a token for a cookie, so that EventSource, which cannot send headers, is
 * let in. The cookie is HttpOnly and SameSite=Strict and holds a secret of its own: the token never
 * comes back to the page. Cookies ignore ports, so the name carries the port: two engines on one
 * machine do not sign each other's users out.
 */
import type { Clock } from '../core/clock.ts';
import { createToken, tokenDigest } from './tokens.ts';
import type { TokenGrant } from './tokens.ts';

export interface SessionOptions {
  readonly sessionMs: number;
  readonly sessionsMax: number;
  readonly clock: Clock;
  readonly secure: boolean;
}

interface Session {
  readonly grant: TokenGrant;
  readonly expiresAtMs: number;
}

export class Sessions {
  readonly #options: SessionOptions;
  /** By digest of the secret; in order of creation, which is the order of expiry. */
  readonly #sessions = new Map<string, Session>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The `Set-Cookie` value. At the bound the oldest session ends. */
  open(grant: TokenGrant, port: number): string {
    const { clock, sessionMs, sessionsMax } = this.#options;
    const now = clock.now();
    for (const [digest, session] of this.#sessions) {
      if (session.expiresAtMs > now && this.#sessions.size < sessionsMax) break;
      this.#sessions.delete(digest);
    }
    const secret = createToken();
    this.#sessions.set(tokenDigest(secret), { grant, expiresAtMs: now + sessionMs });
    return this.#cookie(port, secret, Math.floor(sessionMs / 1_000));
  }

  find(cookies: string, port: number): TokenGrant | null {
    const secret = readCookie(cookies, cookieName(port));
    if (secret === null) return null;
    const session = this.#sessions.get(tokenDigest(secret));
    if (session === undefined || session.expiresAtMs <= this.#options.clock.now()) return null;
    return session.grant;
  }

  /** The `Set-Cookie` value that takes the cookie away. */
  close(cookies: string, port: number): string {
    const secret = readCookie(cookies, cookieName(port));
    if (secret !== null) this.#sessions.delete(tokenDigest(secret));
    return this.#cookie(port, '', 0);
  }

  #cookie(port: number, secret: string, maxAgeSeconds: number): string {
    const secure = this.#options.secure ? '; Secure' : '';
    const rules = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`;
    return `${cookieName(port)}=${secret}; ${rules}`;
  }
}

function cookieName(port: number): string {
  return `squilla-${port}`;
}

function readCookie(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
