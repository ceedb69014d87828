/**
 * Writes who is connected, so that an engine that was killed knows when it starts again whom it
 * waits for. One that stops in good order has said goodbye to its agents and keeps nobody.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { KnownAgent, KnownAgents } from '../store/known-agents.ts';
import type { Roster } from './roster.ts';

export class RosterKeeper {
  readonly #config: Pick<Config, 'rosterSaveMs'>;
  readonly #store: KnownAgents;
  #nextSaveMs = -Infinity;
  #problem: EngineError | null = null;

  constructor(store: KnownAgents, config: Pick<Config, 'rosterSaveMs'>) {
    this.#store = store;
    this.#config = config;
  }

  /** Who was there when an earlier run was killed. */
  recalled(): readonly KnownAgent[] {
    return this.#store.all();
  }

  /** Why the last write failed; null: it did not. */
  get problem(): EngineError | null {
    return this.#problem;
  }

  tick(roster: Roster, nowMs: number): void {
    if (nowMs < this.#nextSaveMs) return;
    this.#nextSaveMs = nowMs + this.#config.rosterSaveMs;
    this.#save(roster.known());
  }

  /** The engine stops in good order. */
  close(): void {
    this.#save([]);
  }

  /** What cannot be written now is tried again at the next turn. */
  #save(agents: readonly KnownAgent[]): void {
    try {
      this.#store.save(agents);
      this.#problem = null;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#problem = error;
    }
  }
}
