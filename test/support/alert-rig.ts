/**
 * An alert engine under a hand-held clock: rules from YAML, windows as a test says they closed, and
 * a log of what became of them. What it is told to write down is kept as JSON, so that `restart`
 * begins exactly where a new process would.
 */
import { AlertEngine } from '../../src/alert/alert-engine.ts';
import { readRuleFile } from '../../src/alert/rule-file.ts';
import type { Rule } from '../../src/alert/rule.ts';
import type { SavedAlert } from '../../src/alert/saved-alert.ts';
import type { AlertTransition } from '../../src/alert/transition.ts';
import { scopeAlone } from '../../src/alert/rule-scope.ts';
import type { CoordinatorInput } from '../../src/coordinator/messages.ts';
import { groupKey } from '../../src/model/group-key.ts';
import type { ValueObject } from '../../src/model/value.ts';
import type { Completeness } from '../../src/wire/results.ts';

export const RIG_START_MS = 1_700_000_000_000;

export interface WindowParts {
  readonly reasons?: readonly string[];
  /** Agents that report of those expected, 3 of 3 if not given. */
  readonly reporting?: number;
  readonly expected?: number;
  readonly late?: number;
  readonly seen?: number;
  readonly engine?: Completeness['engine'];
  readonly source?: Completeness['source'];
  /** Values of the groups without an event. */
  readonly quiet?: readonly string[];
}

export class AlertRig {
  engine!: AlertEngine;
  nowMs = RIG_START_MS;
  readonly transitions: AlertTransition[] = [];
  readonly inputs: CoordinatorInput[] = [];
  readonly stepMs: number;
  /** Saved queries that rules may ask; tell the rig when they change. */
  readonly queries: Map<string, string>;
  #saved = new Map<string, string>();
  #rules: string;
  #version = 1;

  constructor(rules: string, stepMs = 1_000, queries: Readonly<Record<string, string>> = {}) {
    this.stepMs = stepMs;
    this.queries = new Map(Object.entries(queries));
    this.#rules = rules;
    this.restart();
  }

  /** A new process with what the last one wrote down. */
  restart(rules: string = this.#rules): void {
    if (rules !== this.#rules) this.#version++;
    this.#rules = rules;
    this.engine = new AlertEngine({
      limits: { keysMax: 100, trailWindows: 30 },
      scope: scopeAlone({
        names: () => [...this.queries.keys()],
        get: (name) => {
          const text = this.queries.get(name);
          return text === undefined ? undefined : { name, version: 1, text, params: {} };
        },
      }),
    });
    this.#setRules();
    const saved = [...this.#saved.values()].map((text) => JSON.parse(text) as SavedAlert);
    this.engine.restore(saved, this.nowMs);
    this.#settle();
  }

  reload(rules: string): void {
    if (rules !== this.#rules) this.#version++;
    this.#rules = rules;
    this.#setRules();
    this.#settle();
  }

  /**
   * The next window closes with these rows; returns the states it moved alerts to, as `key:state`.
   */
  window(rows: readonly ValueObject[], parts: WindowParts = {}): string[] {
    const before = this.transitions.length;
    this.nowMs += this.stepMs;
    const endMs = this.nowMs;
    const window = {
      ...{ startMs: endMs - this.stepMs, endMs, revision: 0, provisional: false, rows },
      completeness: completeness(parts),
    };
    const quiet = new Set((parts.quiet ?? []).map((value) => groupKey([value])));
    const listeners = [...this.engine.watches()].map(({ rule }) => rule.rule.name);
    this.engine.hear({ type: 'window', listeners, window, quiet }, this.nowMs + 60);
    this.#settle();
    return this.transitions.slice(before).map(moveText);
  }

  /** Several windows alike; returns all their moves. */
  windows(count: number, rows: readonly ValueObject[], parts: WindowParts = {}): string[] {
    return Array.from({ length: count }, () => this.window(rows, parts)).flat();
  }

  /** Time passes without a window; sources are looked at once a second. */
  wait(ms: number, parts: WindowParts = {}): string[] {
    const before = this.transitions.length;
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 1_000;
      const listeners = [...this.engine.watches()].map(({ rule }) => rule.rule.name);
      this.engine.hear(
        { type: 'source', listeners, completeness: completeness(parts) },
        this.nowMs,
      );
      this.engine.tick(this.nowMs);
      this.#settle();
    }
    return this.transitions.slice(before).map(moveText);
  }

  tick(ms: number): string[] {
    const before = this.transitions.length;
    this.nowMs += ms;
    this.engine.tick(this.nowMs);
    this.#settle();
    return this.transitions.slice(before).map(moveText);
  }

  firing(): string[] {
    return [...this.engine.firing()].map(({ transition }) => alertText(transition));
  }

  /** For inputs that a test makes itself. */
  settle(): string[] {
    const before = this.transitions.length;
    this.#settle();
    return this.transitions.slice(before).map(moveText);
  }

  /** Saved queries have changed. */
  replan(): string[] {
    const before = this.transitions.length;
    this.engine.replan(this.#versioned(), this.nowMs);
    this.#settle();
    return this.transitions.slice(before).map(moveText);
  }

  #setRules(): void {
    this.engine.setRules(this.#versioned(), this.nowMs);
  }

  #versioned(): { rule: Rule; version: number }[] {
    const { rules, mistakes } = readRuleFile(this.#rules);
    const wrong = mistakes.find(({ severity }) => severity === 'error');
    if (wrong !== undefined) throw new Error(wrong.message);
    return rules.map(({ rule }) => ({ rule, version: this.#version }));
  }

  #settle(): void {
    const { transitions, saves, inputs } = this.engine.take();
    for (const save of saves) {
      const key = JSON.stringify([save.rule, save.condition, save.key]);
      if (save.state === null) this.#saved.delete(key);
      else this.#saved.set(key, JSON.stringify(save));
    }
    this.transitions.push(...transitions);
    this.inputs.push(...inputs);
  }
}

export function alertText({ condition, key }: AlertTransition): string {
  const values = Object.values(JSON.parse(key) as Record<string, unknown>).join(',');
  return condition === 'threshold' ? values : condition;
}

function moveText(transition: AlertTransition): string {
  const who = alertText(transition);
  return who === '' ? transition.to : `${who}:${transition.to}`;
}

export function completeness(parts: WindowParts = {}): Completeness {
  const { expected = 3, late = 0, seen = 100, reasons = [], engine = 'current' } = parts;
  const { reporting = expected } = parts;
  const missing = expected - reporting;
  return {
    status: statusOf(missing > 0 || late > 0 || engine === 'behind', reasons.length > 0),
    reasons,
    agents: { expected, reporting, missing: [] },
    events: { seen, matched: seen, late, dropped: {} },
    sampleFactor: 1,
    coveredMs: 1_000,
    traffic: seen > 0 ? 'flowing' : 'zero',
    source: parts.source ?? sourceOf(reporting, expected),
    engine,
    watermark: 0,
    emittedAt: 0,
  };
}

function statusOf(isDegraded: boolean, isPartial: boolean): Completeness['status'] {
  return isDegraded ? 'degraded' : isPartial ? 'partial' : 'complete';
}

function sourceOf(reporting: number, expected: number): Completeness['source'] {
  if (reporting === expected) return 'live';
  return reporting === 0 ? 'silent' : 'partly';
}
