/** `squilla up` as people run it: a supervisor, and the engine that it starts anew. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SupervisedEngine {
  readonly url: string;
  readonly ingestUrl: string;
  /** `kill -9` of the engine, not of its supervisor. */
  kill(): void;
  stop(): Promise<void>;
}

const START_PATIENCE_MS = 20_000;

/** `settings`: lines of `squilla.yaml`. */
export async function startSupervisedEngine(
  settings: Readonly<Record<string, number>>,
): Promise<SupervisedEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'squilla-bench-'));
  const config = join(folder, 'squilla.yaml');
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(config, lines.join(''));
  const bin = fileURLToPath(new URL('../../src/bin.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...[bin, 'up', '--config', config, '--data', join(folder, 'data')],
      ...['--port', '0', '--ingest-port', '0', '--shards', '1', '--log-level', 'error'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const banner = await bannerOf(child.stdout);
  const url = /dashboard {2}(http:\/\/[^/\s]+)/.exec(banner)?.[1];
  const ingestUrl = /agents {5}(ws:\/\/[^\s]+)/.exec(banner)?.[1];
  if (url === undefined || ingestUrl === undefined) throw new Error(`no addresses in:\n${banner}`);
  return {
    url,
    ingestUrl,
    kill: () => process.kill(engineOf(child.pid as number), 'SIGKILL'),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function bannerOf(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`not up:\n${text}`)), START_PATIENCE_MS);
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.includes('Ctrl-C')) return;
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** The supervisor's child that runs the engine. */
function engineOf(supervisor: number): number {
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8');
  const pids = children.trim().split(' ').map(Number);
  const engine = pids.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine-process'),
  );
  if (engine === undefined) throw new Error('the engine does not run');
  return engine;
}
