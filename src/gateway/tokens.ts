/**
 * Tokens and what they allow. A token is 32 random bytes; only its SHA-256 is kept, which needs no
 * slow hash because the token cannot be guessed. Every known digest is compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const SCOPES = ['ingest', 'read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface TokenGrant {
  /** Who this is, for the audit trail. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Streams that `ingest` is limited to; null: all. */
  readonly streams: readonly string[] | null;
}

export interface StoredToken extends TokenGrant {
  /** SHA-256 of the token, hexadecimal. */
  readonly sha256: string;
}

/** Whoever came in over loopback of an engine that asks for no tokens. */
export const LOCAL_GRANT: TokenGrant = { name: 'local', scopes: ['admin'], streams: null };

export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

export class TokenStore {
  readonly #tokens: readonly (readonly [Buffer, TokenGrant])[];

  constructor(tokens: readonly StoredToken[]) {
    this.#tokens = tokens.map((token) => [Buffer.from(token.sha256, 'hex'), token]);
  }

  /** Null: unknown. Takes the same time wherever a match stands. */
  find(token: string): TokenGrant | null {
    const digest = Buffer.from(tokenDigest(token), 'hex');
    let found: TokenGrant | null = null;
    for (const [known, grant] of this.#tokens) {
      if (known.length === digest.length && timingSafeEqual(known, digest)) found = grant;
    }
    return found;
  }
}

/** `admin` may do everything; who may write may read. */
export function hasScope(grant: TokenGrant, scope: Scope): boolean {
  if (grant.scopes.includes('admin') || grant.scopes.includes(scope)) return true;
  return scope === 'read' && grant.scopes.includes('write');
}

export function mayIngest(grant: TokenGrant, stream: string): boolean {
  if (!hasScope(grant, 'ingest')) return false;
  return grant.streams === null || grant.streams.includes(stream);
}
