/** Who may do what, worked out from the address and the options. */
import { bindCheck } from '../gateway/bind-check.ts';
import { createToken, tokenDigest } from '../gateway/tokens.ts';
import type { StoredToken } from '../gateway/tokens.ts';
import type { Logger } from '../observe/logger.ts';
import type { EngineRunOptions } from './engine-options.ts';
import { ownTokens } from './own-tokens.ts';
import type { OwnTokens } from './own-tokens.ts';

export interface Admission {
  readonly needsToken: boolean;
  readonly own: OwnTokens | null;
  readonly tokens: readonly StoredToken[];
}

/** @throws EngineError for a bind that would be open to everybody. */
export function admit(options: EngineRunOptions, log: Logger): Admission {
  const { needsToken: isExposed, warning } = bindCheck(options);
  if (warning !== null) log.warn(warning);
  const needsToken = isExposed || options.requireToken;
  const made = options.ownTokens ?? (needsToken ? ownTokens(options.dataDir, createToken) : null);
  const own = needsToken ? made : null;
  const tokens: StoredToken[] = options.tokens.map(({ name, token, scopes, streams }) => ({
    name,
    scopes,
    streams,
    sha256: tokenDigest(token),
  }));
  if (own === null) return { needsToken, own, tokens };
  const { dashboard, ingest } = own;
  tokens.push(
    { name: 'dashboard', scopes: ['admin'], streams: null, sha256: tokenDigest(dashboard) },
    { name: 'agents', scopes: ['ingest'], streams: null, sha256: tokenDigest(ingest) },
  );
  return { needsToken, own, tokens };
}
