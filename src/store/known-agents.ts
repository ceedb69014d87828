/**
 * The roster as it outlives the engine: who was connected, or lost without a bye, when it was last
 * written. An engine that starts again knows by it whom it waits for. Only what changed is written.
 */
import type { AgentIdentity, TimePolicy } from '../wire/agent-messages.ts';
import type { Sql } from './sql.ts';

export interface KnownAgent {
  readonly identity: AgentIdentity;
  readonly streams: readonly { readonly name: string; readonly time: TimePolicy }[];
}

export class KnownAgents {
  readonly #sql: Sql;
  /** Id → what is in the database. */
  readonly #written = new Map<string, string>();

  /** @throws EngineError `ENGINE_STORE_…`, as all of it. */
  constructor(sql: Sql) {
    this.#sql = sql;
    for (const { id, agent } of sql.prepare('SELECT id, agent FROM known_agents').all()) {
      this.#written.set(String(id), String(agent));
    }
  }

  all(): readonly KnownAgent[] {
    return Array.from(this.#written.values(), (text) => JSON.parse(text) as KnownAgent);
  }

  /** Replaces what is kept, in one transaction; nothing is written if nothing changed. */
  save(agents: readonly KnownAgent[]): void {
    const wanted = new Map(agents.map((one) => [one.identity.id, JSON.stringify(one)]));
    const gone = [...this.#written.keys()].filter((id) => !wanted.has(id));
    const changed = [...wanted].filter(([id, text]) => this.#written.get(id) !== text);
    if (gone.length + changed.length === 0) return;
    const put = this.#sql.prepare('INSERT OR REPLACE INTO known_agents (id, agent) VALUES (?, ?)');
    const erase = this.#sql.prepare('DELETE FROM known_agents WHERE id = ?');
    this.#sql.transaction(() => {
      for (const id of gone) erase.run(id);
      for (const [id, text] of changed) put.run(id, text);
    });
    for (const id of gone) this.#written.delete(id);
    for (const [id, text] of changed) this.#written.set(id, text);
  }
}
