/**
 * `npm run build`: compiles TypeScript into `dist/`, bundles the dashboard into `dist/dashboard/`
 * and the agent of pages into `dist/browser/`, all at once. A part whose inputs did not change
 * since its last good build is skipped. `--force` builds everything.
 *
 * The result is as if built from nothing: files whose source is gone are removed. Nothing else is
 * deleted first, so a running engine keeps finding its files.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const DIST = path.join(ROOT, 'dist');
const STAMPS = path.join(DIST, '.build.json');
const CODE_FOLDERS = ['src', 'grammar', 'agents', 'bench'];

/** A part is rebuilt when one of its inputs (files or folders) changes, or its proof is gone. */
const PARTS = [
  {
    name: 'code',
    inputs: [...CODE_FOLDERS, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    proof: 'src/index.js',
    needs: 'tsconfig.build.json',
    bin: ['typescript', 'tsc'],
    args: ['-p', 'tsconfig.build.json'],
    after: removeOrphans,
  },
  {
    name: 'browser agent',
    inputs: ['agents/browser', 'package-lock.json'],
    proof: 'browser/squilla-browser.js',
    needs: 'agents/browser/vite.config.ts',
    bin: ['vite', 'vite'],
    args: ['build', '--config', 'agents/browser/vite.config.ts', '--logLevel', 'warn'],
  },
  {
    name: 'dashboard',
    inputs: ['dashboard', 'grammar', 'src', 'package-lock.json'],
    proof: 'dashboard/index.html',
    needs: 'dashboard/vite.config.ts',
    bin: ['vite', 'vite'],
    args: ['build', '--config', 'dashboard/vite.config.ts', '--logLevel', 'warn'],
  },
];

function* filesOf(input) {
  const absolute = path.join(ROOT, input);
  const stat = fs.statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isFile()) {
    yield absolute;
    return;
  }
  for (const name of fs.readdirSync(absolute).sort()) yield* filesOf(path.join(input, name));
}

/** Contents, not times: a checkout or a copy changes times alone. */
function fingerprintOf(part) {
  const hash = createHash('sha256').update(JSON.stringify([process.version, part.args]));
  for (const input of part.inputs) {
    for (const file of filesOf(input)) {
      hash.update(`\n${path.relative(ROOT, file)}\n`).update(fs.readFileSync(file));
    }
  }
  return hash.digest('hex');
}

function readStamps() {
  if (!fs.existsSync(STAMPS)) return {};
  try {
    return JSON.parse(fs.readFileSync(STAMPS, 'utf8'));
  } catch {
    // Cut short by a build that was stopped: build everything.
    return {};
  }
}

function binOf([packageName, binName]) {
  const folder = path.join(ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[binName]);
}

function run(part) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, [binOf(part.bin), ...part.args], { cwd: ROOT });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}

/** Removes compiled files whose source was renamed or deleted. */
function removeOrphans() {
  for (const folder of CODE_FOLDERS) {
    for (const file of [...filesOf(path.join('dist', folder))]) {
      const source = path.relative(DIST, file).replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, '');
      const exists = ['.ts', '.tsx'].some((suffix) =>
        fs.existsSync(path.join(ROOT, source + suffix)),
      );
      if (!exists) fs.rmSync(file);
    }
  }
}

async function build(part, stamp) {
  if (!fs.existsSync(path.join(ROOT, part.needs))) return { part, ok: true, stamp };
  const fingerprint = fingerprintOf(part);
  const proven = fs.existsSync(path.join(DIST, part.proof));
  if (fingerprint === stamp && proven) return { part, ok: true, stamp };
  const { ok, output } = await run(part);
  if (output !== '') process.stderr.write(`${output}\n`);
  if (!ok) process.stderr.write(`\nBuilding the ${part.name} failed.\n`);
  else part.after?.();
  return { part, ok, stamp: ok ? fingerprint : undefined };
}

const stamps = process.argv.includes('--force') ? {} : readStamps();
const results = await Promise.all(PARTS.map((part) => build(part, stamps[part.name])));
fs.mkdirSync(DIST, { recursive: true });
const entries = results.map(({ part, stamp }) => [part.name, stamp]);
fs.writeFileSync(STAMPS, `${JSON.stringify(Object.fromEntries(entries))}\n`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
