/** What a bench finds out: one line per metric, in a file for scripts and in a table for people. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface BenchCase {
  /** What was measured, e.g. `uws, one shard`. */
  readonly case: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** The bound that is promised, e.g. `<= 0.25`; null: a figure to know and not a promise. */
  readonly hold: string | null;
  readonly ok: boolean | null;
}

export interface BenchResult {
  readonly name: string;
  readonly commit: string;
  readonly node: string;
  readonly machine: string;
  /**
   * Runnable threads, averaged over the minute before the bench ended: how busy the machine was.
   */
  readonly load: number;
  readonly quick: boolean;
  readonly cases: readonly BenchCase[];
}

export interface BenchContext {
  readonly quick: boolean;
  /** A line for whoever is watching. */
  readonly say: (line: string) => void;
}

/** Node runs the compiled bench, two folders further down. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export function figure(name: string, metric: string, value: number, unit: string): BenchCase {
  return { case: name, metric, value: rounded(value), unit, hold: null, ok: null };
}

/** `bound` at most, or at least, the value. */
export function held(plain: BenchCase, relation: '<=' | '>=', bound: number): BenchCase {
  const ok = relation === '<=' ? plain.value <= bound : plain.value >= bound;
  return { ...plain, hold: `${relation} ${bound}`, ok };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function resultOf(name: string, quick: boolean, cases: readonly BenchCase[]): BenchResult {
  return {
    name,
    commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') && '+'),
    node: process.version,
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    load: rounded(loadavg()[0] ?? Number.NaN),
    quick,
    cases,
  };
}

/** `NAME.json` in the folder, which is below the project unless it is absolute. */
export function writeResult(result: BenchResult, folder: string): void {
  const to = resolve(ROOT, folder);
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

export function tableOf({ name, node, machine, load, cases }: BenchResult): string {
  const rows = cases.map(({ case: what, metric, value, unit, hold, ok }) => [
    what,
    metric,
    readable(value),
    unit,
    hold ?? '',
    ok === null ? '' : ok ? 'holds' : 'MISSED',
  ]);
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 2 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [`${name}: Node ${node}, ${machine}, load ${load}`, ...lines, ''].join('\n');
}

export function readable(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(rounded(value));
}

/** To four figures; more would be noise. */
function rounded(value: number): number {
  if (!Number.isFinite(value)) return value;
  return value >= 10_000 ? Math.round(value) : Number(value.toPrecision(4));
}

function git(...args: string[]): string {
  try {
    const quiet = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: [...quiet] }).trim();
  } catch {
    // An unpacked archive has no history.
    return '';
  }
}
