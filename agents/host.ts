/**
 * This machine as streams, once a second: host.cpu, host.memory, host.disk, host.network and
 * host.process. Counters are read only for streams that somebody asks for (all of them once at the
 * start, so that their fields are known); rates begin with the second look.
 */
import { readdir, statfs } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { systemClock } from '../src/core/clock.ts';
import type { Event } from '../src/model/value.ts';
import { createAgent } from './agent.ts';
import { WHOLE_PROCESS } from './whole-process.ts';
import type { Agent } from './agent.ts';
import {
  cpuEvents,
  diskEvents,
  memoryEvent,
  networkEvents,
  processEvents,
  spaceEvent,
} from './host-events.ts';
import {
  parseCpus,
  parseDisks,
  parseMemory,
  parseNetwork,
  parseProcess,
  readText,
} from './host-readings.ts';
import type { CpuReading, DiskReading, NetworkReading, ProcessReading } from './host-readings.ts';
import type { AgentStream } from './published-stream.ts';
import type { RunningSource, SourceOptions } from './source.ts';
import { statusLine } from './status.ts';

export interface HostOptions extends SourceOptions {
  /** Between two looks. Default: 1,000. */
  readonly intervalMs?: number;
}

/** Looks without a query before the counters of the last look are of no use any more. */
const IDLE_LOOKS_BEFORE_LEARNING = 2;
const PROCESS_FOLDER = /^\d+$/;

export function runHostAgent(options: HostOptions): RunningSource {
  const agent = createAgent({
    ...options,
    limits: { ...WHOLE_PROCESS, ...options.limits },
    service: options.service ?? 'host',
    onStatus: (status) => options.onLine(statusLine(status)),
  });
  const source = new HostSource(options, agent);
  source.start();
  return source;
}

/** One stream: takes a look at counters, and makes events of two of them. */
interface Probe {
  readonly stream: AgentStream;
  readonly look: (sinceSeconds: number) => Promise<readonly Event[]>;
}

class HostSource implements RunningSource {
  readonly #options: HostOptions;
  readonly #agent: Agent;
  readonly #probes: readonly Probe[];
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  #looks = 0;
  #lastMs = 0;

  constructor(options: HostOptions, agent: Agent) {
    this.#options = options;
    this.#agent = agent;
    this.#intervalMs = options.intervalMs ?? 1_000;
    const stream = (name: string): AgentStream => agent.stream(name);
    this.#probes = [
      { stream: stream('host.cpu'), look: cpuProbe() },
      { stream: stream('host.memory'), look: memoryProbe },
      { stream: stream('host.disk'), look: diskProbe() },
      { stream: stream('host.network'), look: networkProbe() },
      { stream: stream('host.process'), look: processProbe() },
    ];
  }

  start(): void {
    this.#looking = this.#look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    await this.#agent.close('host agent closed');
  }

  async #look(): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    const nowMs = clock.now();
    const seconds = (nowMs - this.#lastMs) / 1_000;
    this.#lastMs = nowMs;
    const all = this.#looks++ < IDLE_LOOKS_BEFORE_LEARNING;
    for (const probe of this.#probes) {
      if (!all && !probe.stream.active) continue;
      for (const event of await probe.look(seconds)) probe.stream.publish(event);
    }
    if (this.#closed) return;
    // On whole multiples of the interval, so that windows hold the same number of looks.
    const waitMs = this.#intervalMs - (clock.now() % this.#intervalMs);
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, waitMs);
  }
}

function cpuProbe(): Probe['look'] {
  let before: readonly CpuReading[] = [];
  return async () => {
    const text = await readText('/proc/stat');
    const after = text === '' ? cpusFromNode() : parseCpus(text);
    const events = cpuEvents(before, after, loadavg());
    before = after;
    return events;
  };
}

async function memoryProbe(): Promise<readonly Event[]> {
  const bytes = parseMemory(await readText('/proc/meminfo'));
  const event = memoryEvent(bytes.size > 0 ? bytes : memoryFromNode());
  return event === null ? [] : [event];
}

function diskProbe(): Probe['look'] {
  let before: readonly DiskReading[] = [];
  return async (seconds) => {
    const after = parseDisks(await readText('/proc/diskstats'));
    const events = diskEvents(before, after, seconds);
    before = after;
    return [...events, spaceEvent('/', await statfs('/'))];
  };
}

function networkProbe(): Probe['look'] {
  let before: readonly NetworkReading[] = [];
  return async (seconds) => {
    const after = parseNetwork(await readText('/proc/net/dev'));
    const events = networkEvents(before, after, seconds);
    before = after;
    return events;
  };
}

function processProbe(): Probe['look'] {
  let before: readonly ProcessReading[] = [];
  return async (seconds) => {
    const after = await readProcesses();
    // Without a look before, everything since boot would seem to have happened just now.
    const events = before.length === 0 ? [] : processEvents(before, after, seconds);
    before = after;
    return events;
  };
}

async function readProcesses(): Promise<readonly ProcessReading[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  const pids = names.filter((name) => PROCESS_FOLDER.test(name));
  const texts = await Promise.all(pids.map((pid) => readText(`/proc/${pid}/stat`)));
  return texts.map(parseProcess).filter((reading) => reading !== null);
}

/**
 * Where there is no /proc; node:os counts in ms, which serves as well, for only shares are told.
 */
function cpusFromNode(): readonly CpuReading[] {
  const readings = cpus().map(({ times }, i): CpuReading => {
    const system = times.sys + times.irq;
    const user = times.user + times.nice;
    const total = user + system + times.idle;
    return { cpu: String(i), user, system, idle: times.idle, iowait: 0, steal: 0, total };
  });
  const sum = (part: (reading: CpuReading) => number): number =>
    readings.reduce((total, reading) => total + part(reading), 0);
  const all: CpuReading = {
    cpu: 'all',
    user: sum((r) => r.user),
    system: sum((r) => r.system),
    idle: sum((r) => r.idle),
    iowait: 0,
    steal: 0,
    total: sum((r) => r.total),
  };
  return [all, ...readings];
}

function memoryFromNode(): ReadonlyMap<string, number> {
  return new Map([
    ['MemTotal', totalmem()],
    ['MemAvailable', freemem()],
  ]);
}
