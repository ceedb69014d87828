/**
 * Decides who a request comes from and whether it may do what it asks. A bearer token that is shown
 * must be right, also where none is needed; a stale cookie just does not count.
 */
import { EngineError } from '../core/errors.ts';
import type { Sessions } from './sessions.ts';
import { hasScope, LOCAL_GRANT } from './tokens.ts';
import type { Scope, TokenGrant, TokenStore } from './tokens.ts';

export interface AccessOptions {
  readonly tokens: TokenStore;
  readonly sessions: Sessions;
  /** False: who shows nothing may do everything (loopback). */
  readonly needsToken: boolean;
}

export interface Credentials {
  /** Headers; a missing one is an empty string. */
  readonly authorization: string;
  readonly cookie: string;
  /** The local port that the request came to. */
  readonly port: number;
}

export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Null: nothing was shown and a token is needed. @throws EngineError ENGINE_UNAUTHORIZED */
  identify({ authorization, cookie, port }: Credentials): TokenGrant | null {
    if (authorization !== '') {
      const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization)?.[1];
      if (token === undefined) {
        throw new EngineError(
          'ENGINE_UNAUTHORIZED',
          'The Authorization header is no Bearer token.',
        );
      }
      return this.identifyToken(token);
    }
    const grant = this.#options.sessions.find(cookie, port);
    if (grant !== null) return grant;
    return this.#options.needsToken ? null : LOCAL_GRANT;
  }

  /** @throws EngineError ENGINE_UNAUTHORIZED */
  identifyToken(token: string): TokenGrant {
    const grant = this.#options.tokens.find(token);
    if (grant === null) throw new EngineError('ENGINE_UNAUTHORIZED', 'The token is not known.');
    return grant;
  }
}

/** @throws EngineError ENGINE_UNAUTHORIZED, ENGINE_FORBIDDEN */
export function requireScope(grant: TokenGrant | null, scope: Scope): TokenGrant {
  if (grant === null) throw new EngineError('ENGINE_UNAUTHORIZED', 'No token was sent.');
  if (hasScope(grant, scope)) return grant;
  const detail = `This needs the scope ${scope}; ${grant.name} has ${grant.scopes.join(', ')}.`;
  throw new EngineError('ENGINE_FORBIDDEN', detail, { data: { scope } });
}
