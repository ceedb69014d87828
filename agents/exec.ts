/**
 * Runs a command and offers what it prints, line by line, and how it ended. Towards whoever started
 * it, it is the command: input, output, signals and exit code pass through unchanged, and the agent
 * never makes it wait. Lines printed before the engine has said what it wants are kept, within the
 * bounds of the agent's queue, so that a command of a few milliseconds is seen as well.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { configWith } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { systemClock } from '../src/core/clock.ts';
import { createAgent } from './agent.ts';
import type { Agent } from './agent.ts';
import { LineFeed } from './line-feed.ts';
import { LineSplitter } from './line-splitter.ts';
import type { FormatOptions } from './parsers/choose.ts';
import type { AgentStream } from './published-stream.ts';
import type { SourceOptions } from './source.ts';
import { statusLine } from './status.ts';
import type { AgentStatus } from './status.ts';
import { WHOLE_PROCESS } from './whole-process.ts';

export interface ExecOptions extends SourceOptions, FormatOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Default: the name of the command. Its end is told on `<stream>.exit`. */
  readonly stream?: string;
  /** Where its output goes. Default: that of this process. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

export interface RunningCommand {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined;
  signal(name: NodeJS.Signals): void;
  /** The command has ended and all is sent: its exit code, or 128 and the number of its signal. */
  readonly ended: Promise<number>;
}

/** What shells answer when a command cannot be run. */
const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;
const SIGNAL_BASE = 128;

export function runCommandAgent(options: ExecOptions): RunningCommand {
  const run = new CommandRun(options);
  return { pid: run.child.pid, signal: (name) => run.child.kill(name), ended: run.ended() };
}

interface Printed {
  readonly output: 'stdout' | 'stderr';
  readonly lines: readonly string[];
  readonly characters: number;
}

class CommandRun {
  readonly child: ChildProcess;
  readonly #options: ExecOptions;
  readonly #limits: Config;
  readonly #beganMs = systemClock.now();
  readonly #agent: Agent;
  readonly #feed: LineFeed;
  readonly #exits: AgentStream;
  /** Printed before the engine said what it wants; null: it has, or nobody answers. */
  #early: Printed[] | null = [];
  #earlyLines = 0;
  #earlyCharacters = 0;
  #settled: () => void = () => undefined;

  constructor(options: ExecOptions) {
    this.#options = options;
    this.#limits = configWith({ ...WHOLE_PROCESS, ...options.limits });
    const name = options.stream ?? basename(options.command);
    this.#agent = createAgent({
      ...options,
      limits: this.#limits,
      service: options.service ?? 'exec',
      // The command decides what a signal does.
      handleSignals: false,
      onStatus: (status) => this.#heard(status),
    });
    const stream = this.#agent.stream(name, { time: { kind: 'arrival' } });
    this.#exits = this.#agent.stream(`${name}.exit`);
    const { format, pattern, logFormat } = options;
    this.#feed = new LineFeed(
      {
        ...(format === undefined ? {} : { format }),
        ...(pattern === undefined ? {} : { pattern }),
        ...(logFormat === undefined ? {} : { logFormat }),
        source: name,
        // What the command prints is not ours to mix with.
        onLine: () => undefined,
      },
      stream,
    );
    const { command, args } = options;
    this.child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'] });
    this.#follow('stdout', this.child.stdout, options.stdout ?? process.stdout);
    this.#follow('stderr', this.child.stderr, options.stderr ?? process.stderr);
  }

  async ended(): Promise<number> {
    const { code, signal, failure } = await endOf(this.child, this.#limits.agentCloseMs);
    if (failure !== null) {
      const { command, onLine } = this.#options;
      onLine(`cannot run ${command}: ${failure.message}`);
      await this.#agent.close('not started');
      return failure.code === 'ENOENT' ? NOT_FOUND : NOT_RUNNABLE;
    }
    if (this.#early !== null) await this.#planned();
    this.#exits.publish({
      command: [this.#options.command, ...this.#options.args].join(' '),
      pid: this.child.pid,
      code,
      signal,
      duration_ms: systemClock.now() - this.#beganMs,
    });
    await this.#agent.close('the command has ended');
    await written(this.#options.stdout ?? process.stdout);
    await written(this.#options.stderr ?? process.stderr);
    return signal === null ? (code ?? 0) : SIGNAL_BASE + constants.signals[signal];
  }

  /** Passes on bytes as they come, and takes lines from them. */
  #follow(output: Printed['output'], from: Readable | null, to: Writable): void {
    if (from === null) return;
    const splitter = new LineSplitter(this.#limits.lineBytesMax);
    from.pipe(to, { end: false });
    from.on('data', (chunk: Buffer) => this.#take(output, splitter.push(chunk)));
    from.on('end', () => {
      const rest = splitter.finish();
      if (rest !== '') this.#take(output, [rest]);
    });
  }

  #take(output: Printed['output'], lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#early === null) this.#feed.publish(lines, { output });
    else this.#keep(output, lines);
  }

  #keep(output: Printed['output'], lines: readonly string[]): void {
    const characters = lines.reduce((sum, line) => sum + line.length, 0);
    this.#early?.push({ output, lines, characters });
    this.#earlyLines += lines.length;
    this.#earlyCharacters += characters;
    const { agentQueueEvents, agentQueueBytes } = this.#limits;
    // The oldest go first, as in the agent's queue.
    while (this.#earlyLines > agentQueueEvents || this.#earlyCharacters > agentQueueBytes) {
      const oldest = this.#early?.shift();
      if (oldest === undefined) break;
      this.#earlyLines -= oldest.lines.length;
      this.#earlyCharacters -= oldest.characters;
    }
  }

  #heard(status: AgentStatus): void {
    if (status.kind === 'refused') this.#options.onLine(statusLine(status));
    if (status.kind === 'connected') return;
    // Queries are known, or there is nobody to ask: nothing is worth waiting for any more.
    const early = this.#early;
    this.#early = null;
    for (const { output, lines } of early ?? []) this.#feed.publish(lines, { output });
    this.#settled();
  }

  /** Until the engine has answered, or an attempt to reach it would have been given up. */
  async #planned(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      timer = setTimeout(resolve, this.#limits.handshakeMs);
    });
    clearTimeout(timer);
  }
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly failure: NodeJS.ErrnoException | null;
}

/**
 * The end of the command and of its output; a process it left behind may hold the output open, and
 * is waited for no longer than `graceMs`.
 */
async function endOf(child: ChildProcess, graceMs: number): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (failure: NodeJS.ErrnoException) => {
      resolve({ code: null, signal: null, failure });
    });
    child.once('exit', (code, signal) => {
      const end = { code, signal, failure: null };
      const timer = setTimeout(() => resolve(end), graceMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(end);
      });
    });
  });
}

/** Whatever was passed on has left this process, or never will. */
async function written(to: Writable): Promise<void> {
  if (to.destroyed || to.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    to.write('', () => resolve());
  });
}
