/** The version in package.json, which stands two folders above `dist/src` and one above `src`. */
import { existsSync, readFileSync } from 'node:fs';

export function readVersion(): string {
  const candidates = ['../../../package.json', '../../package.json'];
  for (const candidate of candidates) {
    const file = new URL(candidate, import.meta.url);
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (manifest.name === 'squilla') return manifest.version ?? 'unknown';
  }
  return 'unknown';
}
