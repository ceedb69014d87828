/**
 * The folder of the built dashboard. `npm test` builds it first; a developer who runs one suite
 * gets a fresh build when a source is newer than what stands.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES: readonly string[] = ['dashboard', 'grammar'];

export async function builtDashboard(): Promise<string> {
  const folder = join(ROOT, 'dist/dashboard');
  if (timeOf(join(folder, 'index.html')) < newestOf(SOURCES.map((name) => join(ROOT, name)))) {
    await build({ configFile: join(ROOT, 'dashboard/vite.config.ts'), logLevel: 'error' });
  }
  return folder;
}

function newestOf(folders: readonly string[]): number {
  let newest = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) newest = Math.max(newest, timeOf(join(entry.parentPath, entry.name)));
    }
  }
  return newest;
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
