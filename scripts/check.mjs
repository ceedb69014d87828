/**
 * `npm run check`: everything about the code that can be said without running it: format, lint,
 * types, dead code, layers, tidiness, agreement of documents and code, and the lock. Two checks at
 * a time; prints what failed, then one line per check.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const AT_ONCE = 2;

const CHECKS = [
  { name: 'lint', bin: ['oxlint', 'oxlint'], args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', bin: ['typescript', 'tsc'], args: ['-p', 'tsconfig.json'] },
  { name: 'format', bin: ['oxfmt', 'oxfmt'], args: ['--check'] },
  { name: 'dead code', bin: ['knip', 'knip'], args: ['--no-progress', '--no-config-hints'] },
  {
    name: 'layers, tidy, docs',
    bin: ['vitest', 'vitest'],
    args: [
      ...['run', '--project', 'unit', '--no-color', '--reporter=dot', '--maxWorkers=1'],
      ...['test/layers.test.ts', 'test/tidy.test.ts', 'test/docs.test.ts'],
    ],
  },
  { name: 'lock', script: 'scripts/fix-lock.mjs', args: ['--check'] },
];

function scriptOf({ bin, script }) {
  if (bin === undefined) return path.join(ROOT, script);
  const [packageName, binName] = bin;
  const folder = path.join(ROOT, 'node_modules', packageName);
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[binName]);
}

function run(check) {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    let output = '';
    const args = [scriptOf(check), ...check.args];
    const env = { ...process.env, NO_COLOR: '1' };
    const child = spawn(process.execPath, args, { cwd: ROOT, env });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      const seconds = (performance.now() - startedMs) / 1_000;
      if (code !== 0) process.stdout.write(`── ${check.name}\n${output.trim()}\n\n`);
      resolve({ check, ok: code === 0, seconds });
    });
  });
}

const queue = [...CHECKS];
const results = [];
async function work() {
  for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
    results.push(await run(check));
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
results.sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
for (const { check, ok, seconds } of results) {
  const verdict = ok ? 'ok' : 'failed';
  process.stdout.write(`${check.name.padEnd(20)}${seconds.toFixed(1).padStart(6)} s  ${verdict}\n`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
