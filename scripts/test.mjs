/**
 * `npm test`: runs the suites of scripts/suites.mjs side by side, each under its budget, prints one
 * table and, as the very last line, the plain counts `N passed, N failed`. Exits 1 when a test
 * fails, a suite overruns its budget or runs no test at all, and 2 for a wrong command line.
 *
 * `node scripts/test.mjs [suite…] [--soak]`; RUNS= and SEED= reach the property tests. Tests run on
 * the Node that runs this script. Suites report through test/support/suite-reporter.ts over IPC.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { SUITES, UNIT_FOLDERS, WORKERS_MAX } from './suites.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const SOAK_SUITES = ['laws', 'oracle', 'simulation'];
const SOAK_BUDGET_S = 3_600;
const SOAK_RUNS = '5000';
const KILL_GRACE_MS = 3_000;
const OUTPUT_BYTES_KEPT = 4 * 1024 * 1024;

const args = process.argv.slice(2);
const soak = args.includes('--soak');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  process.stderr.write(`No such suite: ${unknown.join(', ')}. There are: `);
  process.stderr.write(`${SUITES.map((suite) => suite.name).join(', ')}\n`);
  process.exit(2);
}

function isChosen(suite) {
  if (names.length > 0) return names.includes(suite.name);
  return soak ? SOAK_SUITES.includes(suite.name) : suite.asked !== true;
}

/** Whether there is a test file in `folder` or, unless `deep` is false, below it. */
function holdsTests(folder, deep = true) {
  const absolute = path.join(ROOT, folder);
  if (!fs.existsSync(absolute)) return false;
  const files = fs.readdirSync(absolute, { recursive: deep, encoding: 'utf8' });
  return files.some((file) => file.endsWith('.test.ts'));
}

/** Folders of the suite that hold tests now; none: the suite is skipped. */
function foldersOf(suite) {
  if (suite.name !== 'unit') return suite.folders.filter((folder) => holdsTests(folder));
  return holdsTests('test', false) || UNIT_FOLDERS.some((folder) => holdsTests(folder))
    ? suite.folders
    : [];
}

function start(suite, folders) {
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const budgetS = soak ? SOAK_BUDGET_S : suite.budgetS;
  const flags = [
    ...['run', '--project', suite.project, '--maxWorkers=1', '--no-color'],
    ...['--reporter=dot', '--reporter=./test/support/suite-reporter.ts'],
    ...(soak ? [`--testTimeout=${SOAK_BUDGET_S * 1_000}`] : []),
    ...(folders.includes('test') ? [] : folders.map((folder) => `${folder}/`)),
  ];
  const child = spawn(process.execPath, [vitest, ...flags], {
    cwd: ROOT,
    env: { ...process.env, ...(soak && { RUNS: process.env.RUNS ?? SOAK_RUNS }) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, so that an overrun takes its servers and browsers down too.
    detached: true,
  });
  return { child, budgetS };
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the whole group is gone already, which is what we want.
    if (error.code !== 'ESRCH') throw error;
  }
}

const running = new Set();

function run(suite) {
  const folders = foldersOf(suite);
  const empty = { passed: 0, failed: 0, skipped: [], unfinished: [] };
  if (folders.length === 0) {
    return Promise.resolve({ suite, ...empty, seconds: 0, verdict: 'no tests yet', ok: true });
  }
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const { child, budgetS } = start(suite, folders);
    running.add(child);
    let report = empty;
    let output = '';
    let overrun = false;
    const keep = (chunk) => {
      if (output.length < OUTPUT_BYTES_KEPT) output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('message', (message) => {
      report = message;
    });
    const timer = setTimeout(() => {
      overrun = true;
      killGroup(child, 'SIGTERM');
      setTimeout(() => killGroup(child, 'SIGKILL'), KILL_GRACE_MS).unref();
    }, budgetS * 1_000);
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      // Whatever the tests left behind (servers, browsers) must not disturb the next suite.
      killGroup(child, 'SIGKILL');
      const seconds = (performance.now() - startedMs) / 1_000;
      const verdict = judge({ report, overrun, code, budgetS });
      // A suite that fails as a whole is a failure too, so that the last line never hides one.
      const failed = verdict.ok ? 0 : Math.max(report.failed, 1);
      const result = { suite, ...report, seconds, ...verdict, failed };
      const shown = process.stdout.isTTY ? output : stripVTControlCharacters(output);
      if (!result.ok) process.stdout.write(`\n── ${suite.name}\n${shown.trim()}\n`);
      resolve(result);
    });
  });
}

function judge({ report, overrun, code, budgetS }) {
  const total = report.passed + report.failed + report.skipped.length;
  if (overrun) {
    const where = report.unfinished.slice(0, 3).join(' · ') || 'before the first test';
    return { ok: false, verdict: `over its budget of ${budgetS} s in ${where}` };
  }
  if (report.failed > 0) return { ok: false, verdict: 'failed' };
  if (code !== 0) return { ok: false, verdict: `vitest exited with ${code}` };
  if (total === 0) return { ok: false, verdict: 'ran no test' };
  return { ok: true, verdict: 'ok' };
}

function table(results) {
  const rows = results.map(({ suite, passed, failed, skipped, seconds, verdict }) => [
    suite.name,
    `${passed} passed`,
    `${failed} failed`,
    `${skipped.length} skipped`,
    `${seconds.toFixed(1)} s`,
    `of ${soak ? SOAK_BUDGET_S : suite.budgetS} s`,
    verdict,
  ]);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row.map((cell, column) =>
        column === 0 || column === row.length - 1
          ? cell.padEnd(widths[column])
          : cell.padStart(widths[column]),
      ),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) killGroup(child, 'SIGKILL');
    process.exit(130);
  });
}

const queue = SUITES.filter(isChosen);
const results = [];
async function work() {
  for (let suite = queue.shift(); suite !== undefined; suite = queue.shift()) {
    results.push(await run(suite));
  }
}
await Promise.all(Array.from({ length: WORKERS_MAX }, work));
results.sort((a, b) => SUITES.indexOf(a.suite) - SUITES.indexOf(b.suite));

const skipped = results.flatMap((result) => result.skipped);
if (skipped.length > 0) process.stdout.write(`\nSkipped:\n  ${skipped.join('\n  ')}\n`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
process.stdout.write(`\n${table(results)}\n\n`);
process.exitCode = results.every((result) => result.ok) && passed > 0 ? 0 : 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
