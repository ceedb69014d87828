/**
 * Log files as streams: named ones and those that patterns find, each followed on its own, looked
 * at one after the other. Where each stands can be kept in a file, so that a later run goes on
 * there: what the engine had not acknowledged is read again, what it had is not.
 */
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { configWith } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Clock } from '../src/core/clock.ts';
import { createAgent } from './agent.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint-file.ts';
import { WHOLE_PROCESS } from './whole-process.ts';
import type { Agent } from './agent.ts';
import { FileFollower } from './file-follower.ts';
import { filesOf, isPattern } from './file-glob.ts';
import type { FileMark } from './file-head.ts';
import { LineJoiner } from './line-joiner.ts';
import type { LineParser } from './parsers/contract.ts';
import { chooseParser } from './parsers/choose.ts';
import type { FormatOptions } from './parsers/choose.ts';
import { SharedHold } from './shared-hold.ts';
import type { RunningSource, SourceOptions } from './source.ts';
import { statusLine } from './status.ts';
import { SAMPLE_LINES, TailSource, WRITE_DELAY_MS } from './tail-source.ts';

export interface TailOptions extends SourceOptions, FormatOptions {
  /** Paths and patterns (`*`, `?`, `**`). */
  readonly files: readonly string[];
  /** Default: for each file its name without its extension. */
  readonly stream?: string;
  /** `start` waits until the engine has said what it wants. Default: `end`. */
  readonly from?: 'start' | 'end';
  /** How late a line may be written after its time. Default: 250 ms, 1,250 with whole seconds. */
  readonly slackMs?: number;
  /** Lines that match it (RE2) begin an event, others go on with the one before. */
  readonly multiline?: string;
  /** File in which it is kept where each file stands. Default: nowhere. */
  readonly checkpoint?: string;
}

/** So many files are looked at in one `tailPollMs`; more are looked at less often. */
const FILES_A_POLL = 20;

/** The error is a sentence for whoever chose the options. */
export async function runTailAgent(options: TailOptions): Promise<RunningSource> {
  const limits = configWith(options.limits ?? {});
  // Whatever is wrong with the options shows before anything runs.
  chooseParser(options, []);
  if (options.multiline !== undefined) joinerOf(options.multiline, limits);
  const marks = await (options.checkpoint === undefined
    ? new Map<string, FileMark>()
    : readCheckpoint(options.checkpoint));
  const tail = new Tail(options, limits, marks);
  await tail.start();
  return tail;
}

interface OpenedFile {
  readonly follower: FileFollower;
  /** Null: guessed when the first lines come. */
  readonly parser: LineParser | null;
}

class Tail implements RunningSource {
  readonly #options: TailOptions;
  readonly #limits: Config;
  readonly #clock: Clock;
  #agent: Agent | null = null;
  readonly #holds = new Map<string, SharedHold>();
  readonly #sources = new Map<string, TailSource>();
  /** Of an earlier run, of files that were not seen yet, too. */
  readonly #marks: Map<string, FileMark>;
  /** What there is to read was written before somebody could ask for it. */
  readonly #isPatient: boolean;
  readonly #namesFile: boolean;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  #scannedMs = -Infinity;
  #savedMs = 0;
  #saved = '';
  #isFirstLook = true;
  #fullTold = false;

  constructor(options: TailOptions, limits: Config, marks: Map<string, FileMark>) {
    this.#options = options;
    this.#limits = limits;
    this.#marks = marks;
    this.#clock = options.clock ?? systemClock;
    this.#isPatient = options.from === 'start' || marks.size > 0;
    this.#namesFile = options.files.length > 1 || options.files.some(isPattern);
  }

  /** Its files are found before it connects, so that its first words name all streams. */
  async start(): Promise<void> {
    const opened = await this.#find();
    const options = this.#options;
    this.#agent = createAgent({
      ...options,
      limits: { ...WHOLE_PROCESS, ...options.limits },
      service: options.service ?? 'tail',
      onStatus: (status) => options.onLine(statusLine(status)),
    });
    for (const one of opened) this.#follow(one, this.#agent);
    // Whoever is killed from here on is known to have begun, and where.
    await this.#save();
    this.#schedule(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    const sources = [...this.#sources.values()];
    for (const source of sources) await source.close();
    if (this.#options.checkpoint !== undefined) {
      const untilMs = this.#clock.now() + this.#limits.agentCloseMs;
      const isLeft = (): boolean => sources.some((source) => !source.isSettled);
      while (isLeft() && this.#clock.now() < untilMs) await delay(this.#limits.agentFlushMs);
      await this.#save();
    }
    await this.#agent?.close('tail closed');
  }

  /** Files that are named now and not followed yet. */
  async #find(): Promise<readonly OpenedFile[]> {
    const { tailFilesMax } = this.#limits;
    this.#scannedMs = this.#clock.now();
    const opened: OpenedFile[] = [];
    for (const name of this.#options.files) {
      for (const path of isPattern(name) ? await filesOf(name, tailFilesMax) : [name]) {
        if (this.#sources.has(path) || opened.some(({ follower }) => follower.path === path)) {
          continue;
        }
        if (this.#sources.size + opened.length >= tailFilesMax) {
          if (!this.#fullTold)
            this.#options.onLine(`more than ${tailFilesMax} files; left ${path}`);
          this.#fullTold = true;
          break;
        }
        opened.push(await this.#open(path));
      }
    }
    this.#isFirstLook = false;
    return opened;
  }

  async #open(path: string): Promise<OpenedFile> {
    const { tailReadBytes: readBytesMax, lineBytesMax } = this.#limits;
    // A file that appears later was written while we watched, or since an earlier run.
    const isNew = !this.#isFirstLook || this.#marks.size > 0;
    const from = isNew ? 'start' : (this.#options.from ?? 'end');
    const start = { from, mark: this.#marks.get(path) } as const;
    const follower = new FileFollower(path, start, { readBytesMax, lineBytesMax });
    const head = await follower.head(SAMPLE_LINES);
    return { follower, parser: chooseParser(this.#options, head) };
  }

  #follow({ follower, parser }: OpenedFile, agent: Agent): void {
    const options = this.#options;
    const limits = this.#limits;
    const { path } = follower;
    const slackMs = options.slackMs ?? WRITE_DELAY_MS + coarsenessMs(parser);
    const name = options.stream ?? basename(path).replace(/\.[^.]*$/, '');
    const told = parser?.name ?? 'format guessed at the first line';
    options.onLine(`${path} → stream ${name}: ${told}`);
    const source = new TailSource({
      ...{ follower, agent, limits, clock: this.#clock, slackMs, parser },
      hold: this.#holdOf(name, { agent, parser, slackMs }),
      format: options,
      joiner: options.multiline === undefined ? null : joinerOf(options.multiline, limits),
      namesFile: this.#namesFile,
      onLine: options.onLine,
      isClosed: () => this.#closed,
    });
    this.#sources.set(path, source);
  }

  #holdOf(
    name: string,
    { agent, parser, slackMs }: Pick<OpenedFile, 'parser'> & { agent: Agent; slackMs: number },
  ): SharedHold {
    const known = this.#holds.get(name);
    if (known !== undefined) return known;
    // Of an empty file nothing is known yet; lines that turn out to have no time get that of
    // reading.
    const field = parser === null ? 'time' : parser.timeField;
    const stream = agent.stream(name, {
      time: field === null ? { kind: 'publish' } : { kind: 'field', field },
      slackMs,
    });
    const hold = new SharedHold(stream);
    this.#holds.set(name, hold);
    return hold;
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, delayMs);
  }

  async #look(): Promise<void> {
    const { tailPollMs, tailScanMs } = this.#limits;
    const pollMs = tailPollMs * Math.max(1, Math.ceil(this.#sources.size / FILES_A_POLL));
    // What is there already would be skipped over before anybody could ask for it.
    if (this.#isPatient && this.#agent?.planned !== true) return this.#schedule(pollMs);
    let atEnd = true;
    for (const source of this.#sources.values()) {
      if (this.#closed) return;
      atEnd = (await this.#lookAt(source)) && atEnd;
    }
    await this.#keep();
    if (this.#clock.now() - this.#scannedMs >= tailScanMs) await this.#rescan();
    this.#schedule(atEnd ? pollMs : 0);
  }

  /** A file that cannot be read now is tried again at the next turn, and holds up no other. */
  async #lookAt(source: TailSource): Promise<boolean> {
    try {
      return await source.look();
    } catch (error) {
      this.#options.onLine(`${source.path}: ${reasonOf(error)}`);
      return true;
    }
  }

  async #rescan(): Promise<void> {
    if (!this.#options.files.some(isPattern)) return;
    for (const [path, source] of this.#sources) {
      if (this.#options.files.includes(path) || !source.isGone) continue;
      await source.close();
      this.#sources.delete(path);
      this.#marks.delete(path);
    }
    try {
      const opened = await this.#find();
      for (const one of opened) if (this.#agent !== null) this.#follow(one, this.#agent);
    } catch (error) {
      this.#options.onLine(`patterns: ${reasonOf(error)}`);
    }
  }

  async #keep(): Promise<void> {
    if (this.#options.checkpoint === undefined) return;
    if (this.#clock.now() - this.#savedMs < this.#limits.tailCheckpointMs) return;
    this.#savedMs = this.#clock.now();
    await this.#save();
  }

  /** A disk that is full now may have room at the next turn. */
  async #save(): Promise<void> {
    const { checkpoint, onLine } = this.#options;
    if (checkpoint === undefined) return;
    for (const [path, source] of this.#sources) {
      if (source.settled !== null) this.#marks.set(path, source.settled);
    }
    const state = JSON.stringify([...this.#marks]);
    if (state === this.#saved) return;
    try {
      await writeCheckpoint(checkpoint, this.#marks);
      this.#saved = state;
    } catch (error) {
      onLine(`checkpoint: ${reasonOf(error)}`);
    }
  }
}

function joinerOf(pattern: string, limits: Config): LineJoiner {
  const { multilineLinesMax: linesMax, lineBytesMax: lengthMax } = limits;
  return new LineJoiner(pattern, { linesMax, lengthMax });
}

/** Unknown formats may tell whole seconds. */
function coarsenessMs(parser: LineParser | null): number {
  const stepMs = parser?.timeStepMs ?? 1_000;
  return stepMs > 1 ? stepMs : 0;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
