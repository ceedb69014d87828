/**
 * Plans and formats long query texts, checks rules and reads large bodies off the coordinator's
 * thread: a text of 64 KB takes tens of milliseconds, in which no window would close. The pool
 * starts with the first such text and ends when idle.
 */
import { Piscina } from 'piscina';
import type { Formatted } from '../../grammar/format.ts';
import type { Result } from '../core/result.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { FileCheck } from '../alert/rule-book.ts';
import type { JsonTask, PlanTask, RuleFileTask, TextCheck } from './plan-task.ts';

const IDLE_MS = 10_000;
const WAITING_MAX = 64;

export class PlanPool {
  #pool: Piscina | null = null;

  /** @throws if more texts wait than the pool takes. */
  plan(task: PlanTask): Promise<PlannedQuery> {
    return this.#threads().run(task, { name: 'plan' }) as Promise<PlannedQuery>;
  }

  /** A file of rules. @throws as {@link plan}. */
  checkRuleFile(task: RuleFileTask): Promise<FileCheck> {
    return this.#threads().run(task, { name: 'checkRuleFile' }) as Promise<FileCheck>;
  }

  /** Rules that somebody asks about. @throws as {@link plan}. */
  checkRuleText(task: RuleFileTask): Promise<TextCheck> {
    return this.#threads().run(task, { name: 'checkRuleText' }) as Promise<TextCheck>;
  }

  /** @throws as {@link plan}. */
  readJson(task: JsonTask): Promise<Result<unknown, string>> {
    return this.#threads().run(task, { name: 'readJson' }) as Promise<Result<unknown, string>>;
  }

  /** @throws as {@link plan}. */
  format(query: string): Promise<Formatted> {
    return this.#threads().run(query, { name: 'format' }) as Promise<Formatted>;
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
    this.#pool = null;
  }

  #threads(): Piscina {
    this.#pool ??= new Piscina({
      filename: new URL('./plan-task.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      maxQueue: WAITING_MAX,
    });
    return this.#pool;
  }
}
