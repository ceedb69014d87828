/**
 * The project's own files, found by walking its folders; paths are relative, with forward slashes.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));

/** Folders that hold nothing written by hand. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'results', '.git', '.cache']);

/** Files at or below `start` (a file, a folder, or `.`) whose name ends in one of `suffixes`. */
export function filesBelow(start: string, suffixes: readonly string[]): string[] {
  const stat = statSync(join(ROOT, start), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isFile()) return suffixes.some((suffix) => start.endsWith(suffix)) ? [start] : [];
  return readdirSync(join(ROOT, start))
    .sort()
    .filter((name) => !SKIPPED.has(name))
    .flatMap((name) => filesBelow(start === '.' ? name : `${start}/${name}`, suffixes));
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
