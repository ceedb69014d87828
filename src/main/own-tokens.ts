/**
 * The tokens an engine makes for itself where tokens are needed: one for the printed dashboard
 * link, one for agents. With a data directory they outlive a restart, readable by their owner only.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnTokens {
  readonly dashboard: string;
  readonly ingest: string;
}

export function ownTokens(dataDir: string | null, create: () => string): OwnTokens {
  if (dataDir === null) return { dashboard: create(), ingest: create() };
  const file = join(dataDir, 'tokens.json');
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<OwnTokens>;
    if (kept.dashboard !== undefined && kept.ingest !== undefined) {
      return { dashboard: kept.dashboard, ingest: kept.ingest };
    }
  }
  const made = { dashboard: create(), ingest: create() };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(made)}\n`, { mode: 0o600 });
  return made;
}
