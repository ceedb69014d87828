/** Alerting put together: the service, its rule files, its clock, its stream. */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { AlertService } from '../alert/alert-service.ts';
import { AlertStore } from '../alert/alert-store.ts';
import { ALERT_STREAM } from '../alert/own-transitions.ts';
import type { AlertTransition } from '../alert/transition.ts';
import type { ValueObject } from '../model/value.ts';
import type { Logger } from '../observe/logger.ts';
import type { Sql } from '../store/sql.ts';
import { DEMO_RULES } from './demo-rules.ts';
import type { EngineHost } from './engine-host.ts';
import { WatchedFiles } from './watched-files.ts';

export interface AlertingParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sql: Sql;
  readonly host: EngineHost;
  readonly rulesDir: string | null;
  readonly demo: boolean;
  /** Inside the transaction that writes the transitions down. */
  readonly notify: (transitions: readonly AlertTransition[], nowMs: number) => void;
}

const TICK_MS = 250;
const SECOND_MS = 1_000;

export class Alerting {
  readonly service: AlertService;
  /** Events that were too many for the stream. */
  eventsDropped = 0;
  readonly #parts: AlertingParts;
  readonly #files: WatchedFiles;
  readonly #ticker: NodeJS.Timeout;
  #nextPollMs = 0;
  #secondMs = 0;
  #eventsInSecond = 0;

  /** @throws EngineError `ENGINE_BAD_RULES` if the directory of rules cannot be read. */
  constructor(parts: AlertingParts) {
    const { clock, config, host, log, notify } = parts;
    this.#parts = parts;
    const builtIn = new Map(parts.demo ? [['the demo', DEMO_RULES]] : []);
    this.#files = new WatchedFiles({
      directory: parts.rulesDir,
      names: /\.ya?ml$/,
      filesMax: config.ruleFilesMax,
      bytesMax: config.ruleFileBytesMax,
      fault: 'ENGINE_BAD_RULES',
      builtIn,
    });
    this.service = new AlertService({
      ...{ config, clock, log, notify },
      store: new AlertStore(parts.sql, config),
      scope: host.rules.scope(),
      checkFile: (text) => host.rules.checkFile(text),
      handle: (input) => host.handle(input),
      publish: (events) => this.#publish(events),
    });
    host.alerts = this.service;
    this.service.start(this.#files.read());
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.service.stop();
  }

  /** Looks at the rule files now. */
  reload(): ReturnType<AlertService['reload']> {
    return this.service.reload(this.#files.read());
  }

  #tick(): void {
    this.service.tick();
    const nowMs = this.#parts.clock.now();
    if (this.#parts.rulesDir === null || nowMs < this.#nextPollMs) return;
    this.#nextPollMs = nowMs + this.#parts.config.rulesPollMs;
    try {
      if (this.#files.hasChanged()) this.reload().catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#parts.log.error('rule files cannot be read', { code: 'ENGINE_BAD_RULES', error });
  }

  #publish(events: readonly ValueObject[]): void {
    const { clock, config, host } = this.#parts;
    const secondMs = Math.floor(clock.now() / SECOND_MS);
    if (secondMs !== this.#secondMs) this.#eventsInSecond = 0;
    this.#secondMs = secondMs;
    const room = Math.max(0, config.alertEventsMax - this.#eventsInSecond);
    const admitted = events.slice(0, room);
    this.#eventsInSecond += admitted.length;
    this.eventsDropped += events.length - admitted.length;
    if (admitted.length === 0) return;
    const lines = admitted.map((event) => JSON.stringify(event)).join('\n');
    const request = {
      stream: ALERT_STREAM,
      format: 'ndjson',
      timeField: null,
      slackMs: 0,
    } as const;
    // While no shard is up nobody could read them; the history has them all.
    host.ingest({ ...request, body: new TextEncoder().encode(lines) }).catch(() => undefined);
  }
}
