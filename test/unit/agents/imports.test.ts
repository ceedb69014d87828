/** What the agent library pulls into a service: as little as may be. */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const ENTRIES = ['agents/index.ts', 'agents/node/index.ts', 'agents/pino.ts'];
const IMPORT = /^(?:import|export)\s(type\s)?[^;]*?from\s+'([^']+)'/gm;

function walk(): { readonly files: readonly string[]; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = ENTRIES.map((entry) => join(ROOT, entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const [, isType, target] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (isType !== undefined || target === undefined) continue;
      if (target.startsWith('.')) waiting.push(join(dirname(file), target));
      else packages.add(target);
    }
  }
  return { files: [...files].map((file) => relative(ROOT, file)), packages };
}

test('the library imports ws and re2js, modules of Node, and nothing of the engine', () => {
  const { files, packages } = walk();
  const foreign = [...packages].filter(
    (name) => !builtinModules.includes(name.replace(/^node:/, '')),
  );
  expect(foreign.toSorted()).toStrictEqual(['re2js', 'ws']);
  const engine = /^src\/(?:kernel|operator|analyze|plan|shard|coordinator|gateway|main|cli)\//;
  expect(files.filter((file) => engine.test(file))).toStrictEqual([]);
  expect(files.length).toBeGreaterThan(50);
});
