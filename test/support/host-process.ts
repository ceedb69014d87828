/** A service with an agent in a process of its own, and what it says of itself. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { HostOptions, HostStatus } from './host-program.ts';
import { until } from './engine-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const PATIENCE_MS = 60_000;
const PROGRAM = join(import.meta.dirname, 'host-program.ts');

export class HostProcess {
  readonly child: ChildProcess;
  /** What it printed: nothing, if all is well. */
  printed = '';
  readonly exited: Promise<number | null>;
  #waiting: ((status: HostStatus) => void)[] = [];

  /** `within`: a command that runs the program, which stands behind it. */
  constructor(options: HostOptions, within: readonly string[] = []) {
    const node = [process.execPath, '--import', 'tsx', PROGRAM, JSON.stringify(options)];
    const [file = '', ...args]: readonly string[] = [...within, ...node];
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    this.child = spawn(file, args, { cwd: ROOT, stdio: [...stdio] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.child.on('message', (message) => this.#waiting.shift()?.(message as HostStatus));
    this.exited = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  async status(): Promise<HostStatus> {
    const answer = new Promise<HostStatus>((resolve) => this.#waiting.push(resolve));
    this.child.send('status');
    return answer;
  }

  /** Once it says so. */
  async is(what: string, holds: (status: HostStatus) => boolean): Promise<HostStatus> {
    return until(
      async () => {
        const status = await this.status();
        return holds(status) ? status : undefined;
      },
      `the service: ${what}`,
      PATIENCE_MS,
    );
  }

  /** It came to do its own work so many times more: nothing holds it up. */
  async works(turns = 200): Promise<HostStatus> {
    const before = await this.status();
    return this.is(`${turns} turns`, (status) => status.turns >= before.turns + turns);
  }

  /** Its own work is done; resolves with its exit code once it is gone. */
  async end(): Promise<number | null> {
    this.child.send('end');
    return this.exited;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
