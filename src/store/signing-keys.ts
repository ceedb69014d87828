/** Secrets of the engine's own, made when first asked for and kept as long as the store. */
import { randomBytes } from 'node:crypto';
import type { Sql } from './sql.ts';

const KEY_BYTES = 32;

/** The key of that name. @throws EngineError `ENGINE_STORE_…` */
export function signingKey(sql: Sql, name: string): Uint8Array {
  return sql.transaction(() => {
    const known = sql.prepare('SELECT secret FROM signing_keys WHERE name = ?').get(name);
    const secret = known?.['secret'];
    if (secret instanceof Uint8Array) return secret;
    const made = new Uint8Array(randomBytes(KEY_BYTES));
    sql.prepare('INSERT INTO signing_keys VALUES (?, ?)').run(name, made);
    return made;
  });
}
