/**
 * A real engine for tests: `squilla up` from `dist` on free ports of 127.0.0.1, with leases and
 * intervals short enough that no test waits for a default. Everything that is started here is ended
 * by {@link endAll}, which a test file calls after each test or after all, and is killed when the
 * test process itself goes.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NumberSettingName } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'dist/src/bin.js');
const POLL_MS = 15;
const END_MS = 9_000;

export type Settings = Partial<Record<NumberSettingName, number>>;

/** Short, so that what a lease, a wait or a ping decides is decided within a test. */
export const QUICK: Settings = {
  leaseMs: 800,
  heartbeatMs: 100,
  closeWaitMs: 300,
  startupMs: 200,
  progressMs: 200,
  pingMs: 1_000,
  handshakeMs: 1_000,
  drainMs: 2_000,
};

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with the exit code, or null if a signal ended it. */
  readonly exited: Promise<number | null>;
}

export interface EngineProcess extends RunningProcess {
  /** API and clients, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Agents. */
  readonly ingestUrl: string;
  readonly ingestPort: number;
  readonly get: (path: string) => Promise<unknown>;
  /** The process under the supervisor that does the work. */
  readonly enginePid: () => number;
  /** Ctrl-C; resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
}

const running = new Set<RunningProcess>();
const folders: string[] = [];

process.on('exit', () => {
  for (const { pid } of running) killTree(pid);
});

/** Ends what was started, in the reverse order, and removes temporary folders. */
export async function endAll(): Promise<void> {
  for (const started of [...running].toReversed()) {
    const pids = tree(started.pid);
    for (const pid of pids) signalTo(pid, 'SIGCONT');
    started.child.kill('SIGTERM');
    await Promise.race([started.exited, pause(END_MS)]);
    for (const pid of pids) signalTo(pid, 'SIGKILL');
    await started.exited;
    running.delete(started);
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A folder that {@link endAll} removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'squilla-test-'));
  folders.push(folder);
  return folder;
}

export function settingsFile(text: string): string {
  const file = join(temporaryFolder(), 'squilla.yaml');
  writeFileSync(file, text);
  return file;
}

/** Any program; `stdin` stays open for the caller. */
export function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProcess {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  // A process that went away before it read its input is the test's to judge.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  const pid = child.pid ?? 0;
  const started = { child, pid, out: () => out, err: () => err, exited };
  running.add(started);
  void exited.then(() => running.delete(started));
  return started;
}

/** `squilla …` that runs until it ends by itself or {@link endAll} ends it. */
export function startSquilla(...args: readonly string[]): RunningProcess {
  return start(process.execPath, [BIN, ...args]);
}

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `squilla …` to its end. */
export async function squilla(args: readonly string[], input = ''): Promise<CommandResult> {
  const run = startSquilla(...args);
  run.child.stdin?.end(input);
  const code = await run.exited;
  return { code, out: run.out(), err: run.err() };
}

export interface EngineSpec {
  readonly settings?: Settings;
  readonly flags?: readonly string[];
  /** Lines for squilla.yaml besides the numbers. */
  readonly yaml?: string;
}

/** Resolves when the banner says that it is up. */
export async function startEngine(spec: EngineSpec = {}): Promise<EngineProcess> {
  const numbers = Object.entries({ ...QUICK, ...spec.settings });
  const yaml = numbers.map(([name, value]) => `${name}: ${value}\n`).join('') + (spec.yaml ?? '');
  const ports = ['--port', '0', '--ingest-port', '0', '--log-level', 'warn'];
  const run = startSquilla('up', '--config', settingsFile(yaml), ...ports, ...(spec.flags ?? []));
  let ended = false;
  void run.exited.then(() => (ended = true));
  await until(() => ended || run.out().includes('Ctrl-C'), 'the engine is up', 20_000);
  const url = /dashboard {2}(https?:\/\/[^/\s]+)/.exec(run.out())?.[1];
  const ingestUrl = /agents {5}(wss?:\/\/[^\s]+)/.exec(run.out())?.[1];
  if (url === undefined || ingestUrl === undefined) {
    throw new Error(`the engine did not start:\n${run.out()}${run.err()}`);
  }
  return {
    ...run,
    url,
    port: Number(new URL(url).port),
    ingestUrl,
    ingestPort: Number(new URL(ingestUrl).port),
    get: async (path) => (await fetch(url + path)).json(),
    enginePid: () => childRunning(run.pid, 'engine-process'),
    stop: async () => {
      run.child.kill('SIGINT');
      return run.exited;
    },
  };
}

/** Looks until the condition holds and returns what it gave; fails at the deadline. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  deadlineMs = 15_000,
): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    if (performance.now() > giveUpAt) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await pause(POLL_MS);
  }
}

/** Sends NDJSON to the engine's HTTP ingest. */
export async function publish(
  engine: EngineProcess,
  stream: string,
  events: readonly object[],
): Promise<{ readonly accepted: number; readonly rejected: number }> {
  const response = await fetch(`${engine.url}/api/v1/streams/${stream}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  });
  return (await response.json()) as { accepted: number; rejected: number };
}

/** Process id of the child of `pid` whose command line names `word`; 0: there is none. */
export function childRunning(pid: number, word: string): number {
  return childrenOf(pid).find((child) => commandOf(child).includes(word)) ?? 0;
}

export function signalTo(pid: number, signal: NodeJS.Signals): void {
  // 0 and below name whole groups of processes.
  if (pid <= 0) throw new Error(`no process to send ${signal} to`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone already is what the caller wants.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** With all that it started, at once. */
export function killTree(pid: number): void {
  for (const one of tree(pid)) signalTo(one, 'SIGKILL');
}

function tree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(tree)];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter((text) => text.trim() !== '')
        .map(Number),
    );
  } catch {
    // The process is gone, and its children with it.
    return [];
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Gone meanwhile.
    return '';
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
