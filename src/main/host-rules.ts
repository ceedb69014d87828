/**
 * What alert rules need of an engine: what they are checked against, and where long texts of them
 * are checked, so that no window waits for it.
 */
import type { RulesCheck } from '../alert/check-rules.ts';
import type { FileCheck } from '../alert/rule-book.ts';
import { readRuleFile } from '../alert/rule-file.ts';
import type { QueryParams, RuleScope } from '../alert/rule-scope.ts';
import type { Config } from '../config.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { LongPlans } from './long-plans.ts';
import type { PlanPool } from './plan-pool.ts';
import { planTask, POOL_TEXT_LENGTH } from './plan-task.ts';
import type { KnownToEngine, RuleFileTask } from './plan-task.ts';

export interface HostRulesParts {
  readonly config: Config;
  readonly known: () => KnownToEngine;
  readonly pool: Pick<PlanPool, 'checkRuleFile' | 'checkRuleText'>;
  readonly longPlans: Pick<LongPlans, 'keep' | 'prepared'>;
  /** On this thread. */
  readonly planHere: (query: string, params: QueryParams) => PlannedQuery;
}

export class HostRules {
  readonly #parts: HostRulesParts;

  constructor(parts: HostRulesParts) {
    this.#parts = parts;
  }

  scope(): RuleScope {
    const { known, longPlans, planHere } = this.#parts;
    return {
      plan: (query, params) => longPlans.prepared(query, params) ?? planHere(query, params),
      saved: known().views,
    };
  }

  /** Null: the file is short enough for this thread. */
  checkFile(text: string): Promise<FileCheck> | null {
    if (text.length <= POOL_TEXT_LENGTH) return null;
    return this.#parts.pool.checkRuleFile(this.#task(text));
  }

  /**
   * What is to be said of rules that somebody asks about, if they are long or ask long queries;
   * plans that were made for it are found in {@link scope} for a moment. Null: they are short
   * enough for this thread, or the pool is full, and then the answer matters more than the delay.
   */
  async checkElsewhere(text: string): Promise<RulesCheck | null> {
    if (text.length <= POOL_TEXT_LENGTH && !this.#asksLong(text)) return null;
    try {
      const { plans, ...check } = await this.#parts.pool.checkRuleText(this.#task(text));
      this.#parts.longPlans.keep(plans);
      return check;
    } catch {
      // The text is bounded (`controlBytesMax`).
      return null;
    }
  }

  #asksLong(text: string): boolean {
    const { views } = this.#parts.known();
    return readRuleFile(text).rules.some(({ rule: { saved } }) => {
      const asked = saved === null ? undefined : views.get(saved);
      return (asked?.text.length ?? 0) > POOL_TEXT_LENGTH;
    });
  }

  #task(text: string): RuleFileTask {
    const { config, known } = this.#parts;
    const { query: _, params: __, ...task } = planTask({ query: '', params: {}, config }, known());
    return { ...task, text };
  }
}
