/**
 * Where a process may be killed: before and after each commit of the store, before each request
 * leaves, and when a receiver has taken one and nobody heard its answer. The points of a run are
 * numbered; a run is told at which of them the process dies.
 */
import type { Sql } from '../../src/store/sql.ts';

/** Thrown where the process dies, so that nothing after it happens. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

export class KillSwitch {
  /** Names of the points that were passed, the ones of all lives in order. */
  readonly points: string[] = [];
  readonly #killAt: readonly number[];

  /** `killAt`: numbers of points, from 0, rising. */
  constructor(killAt: readonly number[]) {
    this.#killAt = killAt;
  }

  get kills(): number {
    return this.#killAt.filter((number) => number < this.points.length).length;
  }

  /** @throws Killed */
  pass(name: string): void {
    const number = this.points.length;
    this.points.push(name);
    if (this.#killAt.includes(number)) throw new Killed(`${number}: ${name}`);
  }
}

/** One life of a process: what it does after its end is not done. */
export class Life {
  isOver = false;
  readonly #killSwitch: KillSwitch;

  constructor(killSwitch: KillSwitch) {
    this.#killSwitch = killSwitch;
  }

  /** @throws Killed */
  pass(name: string): void {
    if (this.isOver) throw new Killed('it is over');
    try {
      this.#killSwitch.pass(name);
    } catch (error) {
      this.isOver = true;
      throw error;
    }
  }
}

/** The store of one life. What was not committed when it ended is not there. */
export function mortalSql(sql: Sql, life: Life): Sql {
  let depth = 0;
  return {
    driver: sql.driver,
    exec: (text) => sql.exec(text),
    prepare: (text) => sql.prepare(text),
    close: () => sql.close(),
    transaction: (body) => {
      if (depth > 0) return sql.transaction(body);
      depth += 1;
      try {
        const result = sql.transaction(() => {
          const made = body();
          life.pass('before a commit');
          return made;
        });
        life.pass('after a commit');
        return result;
      } finally {
        depth -= 1;
      }
    },
  };
}
