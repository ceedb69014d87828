/**
 * Process entry of the load: some agents in one thread. With a rate it is an open loop: every frame
 * has a moment at which it is due, and bears that moment as its time however late it leaves, so an
 * engine that stalls is charged for the wait. Without one, the sockets set the pace.
 */
import { systemClock } from '../../src/core/clock.ts';
import { LoadAgent } from './load-agent.ts';
import { BATCHES, loadBatches } from './load-batches.ts';
import type { LoadCommand, LoadMark, LoadOrder, LoadReport, SentWindow } from './load-contract.ts';

const TURN_MS = 1;
const HEARTBEAT_MS = 250;
const FAREWELL_MS = 50;

const NO_FRAMES: readonly number[] = Array.from({ length: BATCHES }, () => 0);

class Load {
  readonly #order: LoadOrder;
  readonly #agents: readonly LoadAgent[];
  readonly #cpuAtStart = process.cpuUsage();
  readonly #opened: LoadAgent[] = [];
  #timers: NodeJS.Timeout[] = [];
  #running = false;
  #worstDelayMs = 0;
  /** When the next frame is due; without a rate there is no such thing. */
  #nextDueMs = Infinity;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#agents = Array.from({ length: order.agents }, (_, agent) => {
      const batches = loadBatches(agent, order.rowsPerFrame);
      return new LoadAgent(order, `load-${agent}`, batches, fail);
    });
  }

  async open(): Promise<void> {
    // Thousands of plans take their time, and agents that are silent meanwhile are given up.
    this.#timers.push(setInterval(() => this.#beat(), HEARTBEAT_MS));
    for (const agent of this.#agents) {
      await agent.open();
      this.#opened.push(agent);
    }
    tell({ type: 'ready', bytesPerEvent: this.#agents[0]?.bytesPerEvent ?? 0 });
  }

  go(): void {
    this.#running = true;
    const { eventsPerSecond } = this.#order;
    if (eventsPerSecond === null) this.#saturate();
    else this.#pace(eventsPerSecond);
  }

  #beat(): void {
    // A frame that is overdue still bears the time at which it was due.
    const promisedMs = Math.min(systemClock.now(), this.#running ? this.#nextDueMs : Infinity);
    for (const agent of this.#opened) if (agent.isAcknowledged) agent.heartbeat(promisedMs);
  }

  mark(): LoadMark {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    const rows = this.#order.rowsPerFrame;
    return {
      type: 'mark',
      atMs: performance.now(),
      sentEvents: this.#sum((agent) => agent.sentFrames) * rows,
      evaluatedEvents: this.#sum((agent) => agent.ackedFrames) * rows,
      sentBytes: this.#sum((agent) => agent.sentBytes),
      cpuSeconds: (user + system) / 1e6,
      worstDelayMs: this.#worstDelayMs,
    };
  }

  /** Lets the engine catch up, then tells what was sent; heartbeats close the last windows. */
  async stop(): Promise<void> {
    this.#running = false;
    while (this.#agents.some((agent) => !agent.isAcknowledged)) {
      await new Promise<void>((resolve) => {
        for (const agent of this.#agents) agent.onAck = resolve;
      });
    }
    tell({ type: 'done', windows: this.#windows(), mark: this.mark() });
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const agent of this.#agents) agent.close();
  }

  /** Each acknowledgement makes room for more; nothing spins. */
  #saturate(): void {
    for (const agent of this.#agents) {
      const fill = (): void => {
        const timeMs = systemClock.now();
        while (this.#running && agent.canSend) agent.send(timeMs);
      };
      agent.onAck = fill;
      fill();
    }
  }

  #pace(eventsPerSecond: number): void {
    const startMs = systemClock.now();
    const periodMs = (this.#order.rowsPerFrame * 1_000) / eventsPerSecond;
    let due = 0;
    this.#nextDueMs = startMs;
    const turn = (): void => {
      const nowMs = systemClock.now();
      while (this.#running && startMs + due * periodMs <= nowMs) {
        const agent = this.#agents[due % this.#agents.length] as LoadAgent;
        // Order is kept: what cannot leave now makes all that follows wait, and is charged for it.
        if (!agent.canSend) break;
        const dueMs = startMs + due * periodMs;
        agent.send(dueMs);
        this.#worstDelayMs = Math.max(this.#worstDelayMs, nowMs - dueMs);
        due++;
        this.#nextDueMs = startMs + due * periodMs;
      }
    };
    this.#timers.push(setInterval(turn, TURN_MS));
  }

  #sum(of: (agent: LoadAgent) => number): number {
    return this.#agents.reduce((sum, agent) => sum + of(agent), 0);
  }

  #windows(): SentWindow[] {
    const merged = new Map<number, SentWindow>();
    for (const [at, agent] of this.#agents.entries()) {
      for (const window of agent.windows) {
        const { startMs, events, matches } = window;
        const known = merged.get(startMs);
        const batches = [...(known?.batches ?? this.#agents.flatMap(() => NO_FRAMES))];
        batches.splice(at * BATCHES, BATCHES, ...window.batches);
        merged.set(startMs, {
          startMs,
          events: (known?.events ?? 0) + events,
          matches: matches.map((count, query) => (known?.matches[query] ?? 0) + count),
          batches,
        });
      }
    }
    return [...merged.values()].sort((a, b) => a.startMs - b.startMs);
  }
}

let load: Load | null = null;

function tell(report: LoadReport): void {
  if (process.connected) process.send?.(report);
}

function fail(detail: string): void {
  tell({ type: 'failed', detail });
}

async function obey(command: LoadCommand): Promise<void> {
  switch (command.type) {
    case 'prepare':
      load = new Load(command);
      await load.open();
      break;
    case 'go':
      load?.go();
      break;
    case 'mark':
      if (load !== null) tell(load.mark());
      break;
    case 'stop':
      await load?.stop();
      break;
  }
}

process.on('message', (command: LoadCommand) => {
  obey(command).catch((error: unknown) => fail(String(error)));
});
process.on('disconnect', () => {
  load?.close();
  setTimeout(() => process.exit(0), FAREWELL_MS);
});
