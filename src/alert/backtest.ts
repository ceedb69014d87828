/**
 * What a rule would have done: pages, flaps and gaps over events of the past, also with other
 * thresholds. All variants run over the events at once.
 */
import { parseExpression } from '../../grammar/parse.ts';
import type { Expression } from '../../grammar/ast.ts';
import { childrenOf } from '../../grammar/walk.ts';
import type { CheckedRule } from './check-rules.ts';
import { Replay } from './replay.ts';
import type { ReplayEvent } from './replay.ts';
import type { Rule } from './rule.ts';
import { isAudible } from './transition.ts';
import type { AlertTransition } from './transition.ts';

export interface Variant {
  /** `n < 10`. */
  readonly when: string;
  readonly rule: Rule;
}

export interface BacktestResult {
  readonly when: string;
  /** Episodes that fired. */
  readonly pages: number;
  /** Episodes of an alert that fired again within its flap window. */
  readonly flaps: number;
  /** Time that some alert fired, ms. */
  readonly firingMs: number;
  /** Longest time between two pages, from the first event to the last, ms. */
  readonly longestGapMs: number;
  readonly transitions: readonly AlertTransition[];
}

/** The rule with each threshold in the place of the first number of its `when`. */
export function variantsOf(
  { rule }: CheckedRule,
  thresholds: readonly number[],
): Variant[] | string {
  if (thresholds.length === 0) return [{ when: rule.when ?? 'a row', rule }];
  const place = rule.when === null ? null : firstNumber(rule.when);
  if (rule.when === null || place === null) return '`when` has no number that could be another';
  const { when } = rule;
  return thresholds.map((threshold) => {
    const text = `${when.slice(0, place.start)}${threshold}${when.slice(place.end)}`;
    return { when: text, rule: { ...rule, when: text, name: `${rule.name} ${threshold}` } };
  });
}

export class Backtest {
  readonly #variants: readonly Variant[];
  readonly #replay: Replay;
  readonly #startMs: number;
  #lastMs: number;

  constructor(variants: readonly Variant[], how: { startMs: number; stepMs: number }) {
    this.#variants = variants;
    const rules = variants.map(({ rule }) => ({ rule, version: 1 }));
    this.#replay = new Replay({ rules, ...how });
    this.#startMs = how.startMs;
    this.#lastMs = how.startMs;
  }

  /** Events come in order of time. */
  feed(event: ReplayEvent): void {
    this.#lastMs = event.timeMs;
    this.#replay.feed(event);
  }

  results(stepMs: number): BacktestResult[] {
    this.#replay.advanceTo(this.#lastMs + 2 * stepMs);
    return this.#variants.map(({ when, rule }) => {
      const transitions = this.#replay.transitions.filter(
        (transition) => transition.rule === rule.name && transition.condition === 'threshold',
      );
      return { when, ...this.#figures(rule, transitions), transitions };
    });
  }

  #figures(
    rule: Rule,
    transitions: readonly AlertTransition[],
  ): Pick<BacktestResult, 'pages' | 'flaps' | 'firingMs' | 'longestGapMs'> {
    const lastFiredMs = new Map<string, number>();
    let pages = 0;
    let flaps = 0;
    let firingMs = 0;
    let longestGapMs = 0;
    let gapSinceMs = this.#startMs;
    const open = new Map<string, number>();
    for (const transition of transitions) {
      if (!isAudible(transition)) continue;
      const { key, to, startsAtMs, endsAtMs } = transition;
      if (to === 'ok') {
        open.delete(key);
        firingMs += (endsAtMs ?? startsAtMs) - startsAtMs;
        continue;
      }
      pages++;
      open.set(key, startsAtMs);
      const before = lastFiredMs.get(key) ?? -Infinity;
      if (startsAtMs - before < (rule.flap?.withinMs ?? 0)) flaps++;
      lastFiredMs.set(key, startsAtMs);
      longestGapMs = Math.max(longestGapMs, startsAtMs - gapSinceMs);
      gapSinceMs = startsAtMs;
    }
    for (const startsAtMs of open.values()) firingMs += this.#lastMs - startsAtMs;
    longestGapMs = Math.max(longestGapMs, this.#lastMs - gapSinceMs);
    return { pages, flaps, firingMs, longestGapMs };
  }
}

/** Where the first number of the condition stands. */
function firstNumber(when: string): { start: number; end: number } | null {
  const { ast } = parseExpression(when);
  const numbers = ast === null ? [] : numbersOf(ast);
  return numbers.toSorted((a, b) => a.start - b.start)[0] ?? null;
}

function numbersOf(node: Expression): { start: number; end: number }[] {
  return node.kind === 'number' ? [node.span] : childrenOf(node).flatMap(numbersOf);
}
