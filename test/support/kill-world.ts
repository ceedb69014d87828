/**
 * Alerting as the engine puts it together (rules, notifier, outbox, receivers, one store) under
 * virtual time, killed where a test says and started again with what the store has. The script is
 * the same each time: two regions fall and one of them again under a silence, somebody
 * acknowledges, the receiver is down for a while.
 */
import { AlertService } from '../../src/alert/alert-service.ts';
import { AlertStore } from '../../src/alert/alert-store.ts';
import type { OutboxJob } from '../../src/alert/notify/outbox-job.ts';
import { parseMatcher } from '../../src/alert/notify/matcher.ts';
import type { NotifierInput } from '../../src/alert/notify/notifier-messages.ts';
import type { AlertTransition } from '../../src/alert/transition.ts';
import { configWith } from '../../src/config.ts';
import { assert } from '../../src/core/assert.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { NotifyHost } from '../../src/main/notify-host.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { scopeAlone } from '../../src/alert/rule-scope.ts';
import type { Sql } from '../../src/store/sql.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { completeness, RIG_START_MS } from './alert-rig.ts';
import { Killed, KillSwitch, Life, mortalSql } from './kill-switch.ts';
import { takers } from './page-takers.ts';
import type { Taken } from './page-takers.ts';

export const IN_FLIGHT_MAX = 2;
const CONFIG = configWith({
  ...{ deliveriesInFlightMax: IN_FLIGHT_MAX, deliveriesPerMinuteMax: 10_000 },
  ...{ deliveryRetryMinMs: 200, deliveryRetryMaxMs: 400, breakerMs: 500 },
});
const SECOND = 1_000;
/** From the kill to the next life. */
const AWAY_MS = 1_500;
const NETWORK_MS = 20;
const END_SECOND = 44;

const RULES = `
rules:
  - name: few
    query: select count(*) as n from plays window 1s group by region
    when: n < 10
    for: 2s
    clear_when: n > 20
    flap: ignore
`;

/** When which region is down, in seconds. */
export const OUTAGES: readonly { region: string; from: number; to: number }[] = [
  { region: 'eu', from: 4, to: 15 },
  { region: 'asia', from: 5, to: 13 },
  { region: 'eu', from: 22, to: 33 },
];
export const SILENCE = { fromSecond: 18, toSecond: 28, region: 'eu' };
const RECEIVER_DOWN = { fromSecond: 7, toSecond: 8.5 };

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
  /** Whose it is; null: the world's. */
  readonly life: Life | null;
}

export class KillWorld {
  readonly clock = new VirtualClock(RIG_START_MS);
  readonly killSwitch: KillSwitch;
  /** What the receiver took, oldest first. */
  readonly taken: Taken[] = [];
  readonly #notifyPath: string;
  readonly #store: Store;
  #timers: Timer[] = [];
  #life: Life;
  #service: AlertService | null = null;
  #host: NotifyHost | null = null;
  /** Windows after a start prove nothing until then. */
  #startingUntilMs = 0;

  private constructor(store: Store, notifyPath: string, killAt: readonly number[]) {
    this.#store = store;
    this.#notifyPath = notifyPath;
    this.killSwitch = new KillSwitch(killAt);
    this.#life = new Life(this.killSwitch);
  }

  /** Runs the script to its end. `notifyPath`: a file with one receiver and its route. */
  static async run(notifyPath: string, killAt: readonly number[]): Promise<KillWorld> {
    const store = await openStore({ dataDir: null, sync: 'normal', config: CONFIG });
    try {
      const world = new KillWorld(store, notifyPath, killAt);
      await world.#run();
      world.jobs = world.#allJobs();
      world.history = new AlertStore(store.sql, CONFIG).history({ limit: 1_000 }).toReversed();
      return world;
    } finally {
      store.close();
    }
  }

  /** When the silence was in force; Infinity: it never was. */
  silencedFromMs = Number.POSITIVE_INFINITY;
  /** All notifications with their fate, in order. */
  jobs: readonly OutboxJob[] = [];
  /** All transitions that were written down, oldest first. */
  history: readonly AlertTransition[] = [];

  async #run(): Promise<void> {
    await this.#alive(() => this.#begin());
    for (let second = 1; second <= END_SECOND; second += 1) {
      await this.#pass(RIG_START_MS + second * SECOND);
      await this.#act(second);
      // While nobody is there, no window closes; it is lost.
      await this.#alive(() => this.#closeWindow(second));
    }
    await this.#pass(RIG_START_MS + (END_SECOND + 8) * SECOND);
  }

  /** What people do; who gets no answer tries again. */
  async #act(second: number): Promise<void> {
    const input = this.#actionAt(second);
    if (input === null) return;
    const kills = this.killSwitch.kills;
    await this.#alive(() => this.#host?.handle(input));
    if (this.killSwitch.kills > kills) await this.#alive(() => this.#host?.handle(input));
    if (this.#host?.notifier.silences.has('s') === true) this.silencedFromMs = this.clock.now();
  }

  #actionAt(second: number): NotifierInput | null {
    const nowMs = this.clock.now();
    if (second === SILENCE.fromSecond) {
      const matcher = parseMatcher(`region = ${SILENCE.region}`);
      assert(matcher.ok, () => 'a matcher of a test is wrong');
      const endsAtMs = RIG_START_MS + SILENCE.toSecond * SECOND;
      const times = { startsAtMs: nowMs, endsAtMs, createdAtMs: nowMs, updatedAtMs: nowMs };
      const about = { author: 'ann', comment: 'moving', mutedAtMs: null };
      const silence = { id: 's', matchers: [matcher.value], ...times, ...about };
      return { type: 'put-silence', silence };
    }
    if (second !== 10) return null;
    const groups = [...(this.#host?.notifier.groups.values() ?? [])];
    const incident = groups.find(({ labels }) => labels['region'] === 'eu')?.incident ?? '';
    const untilMs = nowMs + 2 * SECOND;
    return { type: 'acknowledge', incident, by: 'ann', comment: 'on it', untilMs };
  }

  #closeWindow(second: number): void {
    const endMs = this.clock.now();
    const startMs = endMs - SECOND;
    const down = OUTAGES.filter(({ from, to }) => second >= from && second < to);
    const rows = ['eu', 'us', 'asia'].map((region) => ({
      region,
      n: down.some((outage) => outage.region === region) ? 3 : 100,
    }));
    const reasons = endMs < this.#startingUntilMs ? ['starting'] : [];
    const window = {
      ...{ startMs, endMs, revision: 0, provisional: false, rows },
      completeness: completeness({ reasons }),
    };
    this.#service?.hear({ type: 'window', listeners: ['few'], window, quiet: new Set() });
    this.#service?.tick();
  }

  // ---- Lives -----------------------------------------------------------------------------------

  /** Runs a part of the process; if it is killed in it, the next one begins after a while. */
  async #alive(body: () => void): Promise<void> {
    const life = this.#life;
    try {
      body();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await settled();
    // Some of what is thrown is caught on its way, and a promise rejects in silence.
    if (life.isOver && life === this.#life) await this.#restart();
  }

  async #restart(): Promise<void> {
    this.#host?.stop();
    this.#service = null;
    this.#host = null;
    this.#timers = this.#timers.filter(({ life }) => life === null);
    this.#life = new Life(this.killSwitch);
    // What is under way to the receiver arrives.
    await this.#pass(this.clock.now() + AWAY_MS);
    this.#startingUntilMs = this.clock.now() + SECOND;
    await this.#alive(() => this.#begin());
  }

  #begin(): void {
    const life = this.#life;
    const { clock } = this;
    const sql: Sql = mortalSql(this.#store.sql, life);
    const at = { config: CONFIG, clock, log: silentLogger };
    this.#host = new NotifyHost({
      ...{ ...at, sql, path: this.#notifyPath, builtIn: null, publish: () => undefined },
      externalUrl: () => 'http://squilla.test',
      senders: takers({
        isDown: () => {
          const second = (clock.now() - RIG_START_MS) / SECOND;
          return second >= RECEIVER_DOWN.fromSecond && second < RECEIVER_DOWN.toSecond;
        },
        arrive: () => {
          life.pass('before a request');
          return this.#later(null);
        },
        answer: () => this.#later(life),
        taken: (taken) => void this.taken.push(taken),
      }),
      timers: {
        after: (ms, run) => this.#after(ms, run, life),
        soon: (run) => void this.#after(0, run, life),
      },
    });
    const host = this.#host;
    this.#service = new AlertService({
      ...at,
      store: new AlertStore(sql, CONFIG),
      scope: scopeAlone(),
      handle: () => undefined,
      notify: (transitions) => host.take(transitions),
      publish: () => undefined,
    });
    this.#service.start(new Map([['few.yaml', RULES]]));
  }

  #later(life: Life | null): Promise<void> {
    return new Promise((resolve) => {
      const run = (): void => {
        // The receiver has it, and the process that sent it is killed before it hears of that.
        if (life !== null) life.pass('before an answer');
        resolve();
      };
      this.#after(NETWORK_MS, run, life);
    });
  }

  #after(ms: number, run: () => void, life: Life | null): () => void {
    const timer = { atMs: this.clock.now() + ms, run, life };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async #pass(untilMs: number): Promise<void> {
    for (;;) {
      const next = this.#timers.reduce<Timer | null>(
        (first, timer) => (first === null || timer.atMs < first.atMs ? timer : first),
        null,
      );
      if (next === null || next.atMs > untilMs) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.clock.set(Math.max(this.clock.now(), next.atMs));
      await this.#alive(next.run);
    }
    this.clock.set(Math.max(this.clock.now(), untilMs));
  }

  #allJobs(): OutboxJob[] {
    return this.#store.sql
      .prepare('SELECT job FROM notify_jobs ORDER BY sequence')
      .all()
      .map((row) => JSON.parse(String(row['job'])) as OutboxJob);
  }
}

/** When all promises that can be settled are. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
