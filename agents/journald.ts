/**
 * The systemd journal as a stream, through `journalctl --output=json`, which may read what this
 * process may. It is started anew when it ends, behind the entry that was read last. While what was
 * written before is read, the stream's watermark follows the entries, so that nothing is late.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { configWith } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { systemClock } from '../src/core/clock.ts';
import { createAgent } from './agent.ts';
import type { Agent } from './agent.ts';
import { readText, writeWhole } from './checkpoint-file.ts';
import { LineSplitter } from './line-splitter.ts';
import { cursorOf, journalParser } from './parsers/journal.ts';
import type { AgentStream } from './published-stream.ts';
import { SettledMark } from './settled-mark.ts';
import type { RunningSource, SourceOptions } from './source.ts';
import { statusLine } from './status.ts';
import { WHOLE_PROCESS } from './whole-process.ts';

export interface JournaldOptions extends SourceOptions {
  /** Default: `journal`. */
  readonly stream?: string;
  /** Only entries of these units. Default: all. */
  readonly units?: readonly string[];
  /** Journal files there instead of the machine's own journal. */
  readonly directory?: string;
  /** `start` waits until the engine has said what it wants. Default: `end`. */
  readonly from?: 'start' | 'end';
  /** File in which it is kept which entry was read last. Default: nowhere. */
  readonly checkpoint?: string;
  /** Default: `journalctl`. */
  readonly program?: string;
}

/** An entry is printed this long after the time it tells. */
const SLACK_MS = 500;
/** Share of the agent's queue above which the journal waits. */
const FILL_MAX = 0.5;
const CURSOR = /^[\w;=.-]{1,500}$/;

/** The error is a sentence for whoever chose the options. */
export async function runJournaldAgent(options: JournaldOptions): Promise<RunningSource> {
  const program = options.program ?? 'journalctl';
  const found = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (found.error !== undefined) throw new Error(`cannot run ${program}: ${found.error.message}`);
  const kept = options.checkpoint === undefined ? null : await readText(options.checkpoint);
  const cursor = kept?.trim() ?? null;
  if (cursor !== null && !CURSOR.test(cursor)) {
    throw new Error(`${options.checkpoint} is no checkpoint of squilla agent journald`);
  }
  const journal = new Journal(options, program, cursor);
  journal.start();
  return journal;
}

class Journal implements RunningSource {
  readonly #options: JournaldOptions;
  readonly #program: string;
  readonly #limits: Config;
  readonly #agent: Agent;
  readonly #stream: AgentStream;
  readonly #cursors: SettledMark<string>;
  #splitter: LineSplitter;
  #child: ChildProcess | null = null;
  #cursor: string | null;
  #saved: string | null;
  #waitMs: number;
  #newsMs = 0;
  /** Nothing older than now is still to come, as far as a while of silence tells. */
  #isCaughtUp = false;
  #closed = false;
  #timer: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #saving: Promise<void> = Promise.resolve();
  #savedAtMs = 0;

  constructor(options: JournaldOptions, program: string, cursor: string | null) {
    this.#options = options;
    this.#program = program;
    this.#cursor = cursor;
    this.#saved = cursor;
    this.#limits = configWith({ ...WHOLE_PROCESS, ...options.limits });
    this.#waitMs = this.#limits.reconnectMinMs;
    this.#splitter = new LineSplitter(this.#limits.lineBytesMax);
    this.#agent = createAgent({
      ...options,
      limits: this.#limits,
      service: options.service ?? 'journald',
      onStatus: (status) => options.onLine(statusLine(status)),
    });
    const time = { kind: 'field', field: 'time' } as const;
    const name = options.stream ?? 'journal';
    this.#stream = this.#agent.stream(name, { time, slackMs: SLACK_MS });
    this.#cursors = new SettledMark<string>(this.#stream, cursor);
    if (this.#isPatient) this.#stream.hold(0);
  }

  start(): void {
    this.#timer = setInterval(() => this.#turn(), this.#limits.tailPollMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#child?.kill('SIGTERM');
    const untilMs = systemClock.now() + this.#limits.agentCloseMs;
    while (!this.#cursors.isSettled && this.#cursor !== null && systemClock.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, this.#limits.agentFlushMs));
    }
    await this.#saving;
    await this.#save();
    await this.#agent.close('journal closed');
  }

  /** What is there already would be skipped over before anybody could ask for it. */
  get #isPatient(): boolean {
    return this.#options.from === 'start' || this.#cursor !== null;
  }

  #turn(): void {
    const nowMs = systemClock.now();
    if (this.#child === null && this.#retry === null) {
      if (!this.#isPatient || this.#agent.planned) this.#run();
      return;
    }
    const { stdout } = this.#child ?? {};
    if (stdout?.isPaused() === true && this.#agent.fill <= FILL_MAX) stdout.resume();
    else if (!this.#isCaughtUp && nowMs - this.#newsMs > SLACK_MS / 2) {
      this.#isCaughtUp = true;
      this.#stream.hold(null);
    }
    if (nowMs - this.#savedAtMs < this.#limits.tailCheckpointMs) return;
    this.#savedAtMs = nowMs;
    this.#saving = this.#saving.then(() => this.#save());
  }

  #run(): void {
    const child = spawn(this.#program, this.#arguments(), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#newsMs = systemClock.now();
    this.#splitter = new LineSplitter(this.#limits.lineBytesMax);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = chunk.toString('utf8').trim()));
    child.stdout.on('data', (chunk: Buffer) => this.#take(this.#splitter.push(chunk)));
    child.once('error', (error) => this.#ended(error.message));
    child.once('close', (code, signal) => this.#ended(said === '' ? `${code ?? signal}` : said));
  }

  #arguments(): readonly string[] {
    const { units = [], directory, from } = this.#options;
    const begin =
      this.#cursor !== null
        ? [`--after-cursor=${this.#cursor}`, '--no-tail']
        : from === 'start'
          ? ['--no-tail']
          : ['--lines=0'];
    return [
      ...['--output=json', '--all', '--follow', '--quiet', ...begin],
      ...units.map((unit) => `--unit=${unit}`),
      ...(directory === undefined ? [] : [`--directory=${directory}`]),
    ];
  }

  #ended(reason: string): void {
    if (this.#child === null) return;
    this.#child = null;
    if (this.#closed) return;
    this.#options.onLine(`${this.#program} ended (${reason}); again in ${this.#waitMs} ms`);
    this.#retry = setTimeout(() => (this.#retry = null), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, this.#limits.reconnectMaxMs);
  }

  #take(lines: readonly string[]): void {
    if (lines.length === 0 || this.#closed) return;
    this.#newsMs = systemClock.now();
    this.#waitMs = this.#limits.reconnectMinMs;
    // One event now and then tells the names of the fields.
    const looked = this.#stream.active ? lines : lines.slice(-1);
    for (const line of looked) {
      const event = journalParser.parse(line);
      if (event === null) continue;
      this.#stream.publish(event);
      if (!this.#isCaughtUp) this.#stream.hold((event['time'] as number) - SLACK_MS);
    }
    this.#cursor = cursorOf(lines.at(-1) ?? '') ?? this.#cursor;
    if (this.#cursor !== null) this.#cursors.reached(this.#cursor);
    if (this.#agent.fill > FILL_MAX) this.#child?.stdout?.pause();
  }

  /** A disk that is full now may have room at the next turn. */
  async #save(): Promise<void> {
    const { checkpoint, onLine } = this.#options;
    const cursor = this.#cursors.settled;
    if (checkpoint === undefined || cursor === null || cursor === this.#saved) return;
    try {
      await writeWhole(checkpoint, `${cursor}\n`);
      this.#saved = cursor;
    } catch (error) {
      onLine(`checkpoint: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
