/**
 * Loads the native part of uWebSockets.js, and only the very file whose hash stands here: the npm
 * package is a repackaging by a third party, and a native module can do anything. It is an optional
 * peer; without it, on another Node or on another system, the port is served by ws.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as UwsModule from 'uWebSockets.js';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';

export type Uws = typeof UwsModule;

/** SHA-256 of the binaries that were tried and found good (npm: uwebsockets 3.0.6). */
const VERIFIED: Readonly<Record<string, string>> = {
  'uws_linux_x64_115.node': 'f4fa5d7b697529b45ac8aa3d57385d9af51bc1d2b26aa9f5b68ca4361542e665',
};

/** The reason if it cannot be loaded. */
export function loadUws(): Result<Uws, string> {
  const name = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  const hash = VERIFIED[name];
  if (hash === undefined) return err(`no verified binary for Node ${process.version} here`);
  const require = createRequire(import.meta.url);
  try {
    const file = join(dirname(require.resolve('uWebSockets.js')), name);
    const found = createHash('sha256').update(readFileSync(file)).digest('hex');
    if (found !== hash) return err(`${name} is not the verified file`);
    return ok(require(file) as Uws);
  } catch (error) {
    const text = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    return err(`uWebSockets.js does not load: ${text}`);
  }
}
