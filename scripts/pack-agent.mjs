/**
 * `npm run pack:agent [FOLDER]`: the agent library as a package of its own, `squilla-agent`, made
 * of what its entries import and nothing else. Prints the tarball's path. The package
 * needs ws, and re2js, because queries bring regular expressions and no pattern may stall a
 * service.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const DIST = path.join(ROOT, 'dist');
/** By what follows the package's name in an import. */
const ENTRIES = {
  '.': 'agents/index.js',
  './node': 'agents/node/index.js',
  './pino': 'agents/pino.js',
};
const FOLDER = path.join(DIST, 'squilla-agent');
const IMPORT = /^(?:import|export)\s[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;

const PAGE_TYPES = 'agents/browser/index.d.ts';

function typesOf(entry) {
  return entry.replace(/\.js$/, '.d.ts');
}

/** Compiled files by their path below `dist`, and the packages that they import. */
function reachable() {
  const files = new Set();
  const packages = new Set();
  const entries = Object.values(ENTRIES).flatMap((entry) => [entry, typesOf(entry)]);
  const waiting = [...entries, PAGE_TYPES];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = fs.readFileSync(path.join(DIST, file), 'utf8');
    for (const [, from, bare] of text.matchAll(IMPORT)) {
      const target = from ?? bare;
      if (target.startsWith('.')) {
        // Declarations name sources, code names what was compiled.
        const found = path.posix.join(path.posix.dirname(file), target);
        const isType = file.endsWith('.d.ts');
        waiting.push(isType ? found.replace(/\.(?:ts|js)$/, '.d.ts') : found);
      } else if (!target.startsWith('node:')) packages.add(target);
    }
  }
  return { files, packages };
}

const { files, packages } = reachable();
fs.rmSync(FOLDER, { recursive: true, force: true });
for (const file of files) {
  const target = path.join(FOLDER, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const text = fs.readFileSync(path.join(DIST, file), 'utf8');
  // Maps would point to sources that are not in the package.
  fs.writeFileSync(target, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
}
// Pages get one file; its types come from the sources.
const PAGE_AGENT = 'browser/squilla-browser.js';
fs.mkdirSync(path.join(FOLDER, 'browser'), { recursive: true });
fs.copyFileSync(path.join(DIST, PAGE_AGENT), path.join(FOLDER, PAGE_AGENT));
const { dependencies, license, version } = JSON.parse(
  fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
);
const names = [...packages].sort((a, b) => (a < b ? -1 : 1));
const needs = names.map((name) => [name, dependencies[name]]);
const manifest = {
  name: 'squilla-agent',
  version,
  description: 'Telemetry that leaves the process only when somebody asks for it.',
  license,
  type: 'module',
  exports: {
    ...Object.fromEntries(
      Object.entries(ENTRIES).map(([name, entry]) => {
        return [name, { types: `./${typesOf(entry)}`, default: `./${entry}` }];
      }),
    ),
    './browser': { types: `./${PAGE_TYPES}`, default: `./${PAGE_AGENT}` },
  },
  engines: { node: '>=20.19' },
  dependencies: Object.fromEntries(needs),
};
fs.writeFileSync(path.join(FOLDER, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(FOLDER, 'LICENSE'));
fs.copyFileSync(path.join(ROOT, 'agents', 'PACKAGE.md'), path.join(FOLDER, 'README.md'));
const destination = path.resolve(process.argv[2] ?? DIST);
const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
  cwd: FOLDER,
  encoding: 'utf8',
});
process.stdout.write(`${path.join(destination, JSON.parse(packed)[0].filename)}\n`);
