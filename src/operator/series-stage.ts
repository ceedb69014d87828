/**
 * The series stage: slot rows of one window in, the same rows with one slot more for each function
 * over series out. It keeps what the functions' models remember of each group, as one Float64Array
 * a group.
 *
 * Invariants: a row is compared with what was expected before it was learnt from; a window teaches
 * at most once, and only if the caller says so. What must not be remembered is learnt by a copy.
 */
import type { Config } from '../config.ts';
import { createEvalCounters, createRowContext } from '../expr/context.ts';
import type { EvalCounters, RowContext, RowFunction } from '../expr/context.ts';
import { compileExpression } from '../expr/row.ts';
import type { QueryPlan, SeriesStage } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import type { Value } from '../model/value.ts';
import { seriesDefinition } from '../series/catalogue.ts';
import type { SeriesTime } from '../series/contract.ts';
import type { SlotRows } from './final.ts';
import {
  bytesOfGroup,
  compileSteps,
  GROUP_OVERHEAD_BYTES,
  groupsWithin,
  NUMBER_BYTES,
} from './series-steps.ts';
import type { SeriesStep, SeriesSteps, TimeStep } from './series-steps.ts';

/** The stage of a plan that has one. */
export function seriesStageOf(
  plan: Pick<QueryPlan, 'aggregate' | 'final' | 'project' | 'series' | 'window'>,
  config: Pick<Config, 'seriesBytesMax'>,
): SeriesStageRun | null {
  const { aggregate, final, project, series, window } = plan;
  if (series === null) return null;
  return new SeriesStageRun(series, {
    slots:
      aggregate === null ? project.length : aggregate.keys.length + aggregate.aggregates.length,
    slideMs: window.kind === 'time' ? window.slideMs : window.paneMs,
    bytesMax: config.seriesBytesMax,
    amendable: final.latenessMs > 0,
  });
}

export interface SeriesFacts {
  /** About, with what a map costs. */
  readonly bytesOfGroup: number;
  readonly groupsMax: number;
  /** Of each function: when it begins to answer, in words; null: at once. */
  readonly warmUps: readonly (string | null)[];
}

/** What running the stage will take, for EXPLAIN. */
export function seriesFacts(
  plan: Pick<QueryPlan, 'window'>,
  stage: SeriesStage,
  config: Pick<Config, 'seriesBytesMax'>,
): SeriesFacts {
  const slideMs = plan.window.kind === 'time' ? plan.window.slideMs : plan.window.paneMs;
  const steps = compileSteps(stage, { slots: 0, slideMs }, createEvalCounters());
  return {
    bytesOfGroup: bytesOfGroup(steps),
    groupsMax: groupsWithin(steps, config.seriesBytesMax),
    warmUps: stage.functions.map((spec) => {
      const { evaluate } = seriesDefinition(spec);
      return evaluate.over === 'peers' ? null : evaluate.model(spec.parameters, slideMs).warmUp;
    }),
  };
}

export interface SeriesStageOptions {
  /** Slots of a row before the functions'. */
  readonly slots: number;
  /** From one window to the next. */
  readonly slideMs: number;
  readonly bytesMax: number;
  /** Windows may be told again: what was expected of them is kept until `settled`. */
  readonly amendable: boolean;
}

/**
 * How a window is looked at. `first`: as it is told for the first time; it is learnt from if
 * `teaches`. `again`: a revision, compared with what was expected the first time. `open`: the
 * answer so far of a window that has not ended.
 */
export interface SeriesLook {
  readonly telling: 'first' | 'again' | 'open';
  readonly teaches: boolean;
}

export class SeriesStageRun {
  readonly #stage: SeriesStage;
  readonly #steps: SeriesSteps;
  readonly #row: RowContext = createRowContext();
  readonly #groupBy: readonly RowFunction[];
  readonly #groupsMax: number;
  readonly #amendable: boolean;
  readonly #bytesMax: number;
  /** In order of the last window, longest ago first. */
  readonly #states = new Map<string, Float64Array>();
  /** What was expected of windows that may be amended: by window number, then group. */
  readonly #expected = new Map<number, ReadonlyMap<string, Float64Array>>();
  #evicted = 0;
  #warming = 0;

  constructor(
    stage: SeriesStage,
    options: SeriesStageOptions,
    counters: EvalCounters = createEvalCounters(),
  ) {
    this.#stage = stage;
    this.#steps = compileSteps(stage, options, counters);
    this.#groupBy = stage.groupBy.map((key) => compileExpression(key, counters));
    this.#groupsMax = groupsWithin(this.#steps, options.bytesMax);
    this.#amendable = options.amendable;
    this.#bytesMax = options.bytesMax;
  }

  /**
   * What is remembered of each group, longest ago first. Borrowed: it changes with every window.
   */
  get states(): ReadonlyMap<string, Float64Array> {
    return this.#states;
  }

  /** Goes on from what an earlier run remembered; what has another shape is left out. */
  restore(states: ReadonlyMap<string, Float64Array>): void {
    for (const [name, state] of states) {
      if (state.length !== this.#steps.stateLength || this.#states.size >= this.#groupsMax)
        continue;
      this.#states.set(name, state);
    }
  }

  /** Series whose memory was given up because there were too many. */
  get evicted(): number {
    return this.#evicted;
  }

  get bytes(): number {
    return this.#states.size * bytesOfGroup(this.#steps);
  }

  /** Rows of the last call of which nothing was expected yet by some function. */
  get warming(): number {
    return this.#warming;
  }

  /**
   * Windows must come in order for `first`. The rows are the caller's; the input stays as it is.
   */
  extend(rows: SlotRows, at: SeriesTime, look: SeriesLook): Value[][] {
    const { functions } = this.#stage;
    const extended = rows.map((row) => [...row, ...functions.map((): Value => null)]);
    const names = extended.map((slots) => this.#nameOf(slots));
    const before = look.telling === 'again' ? (this.#expected.get(at.number) ?? null) : null;
    const learning = look.telling === 'first' && look.teaches;
    const states = look.telling === 'again' ? null : this.#statesOf(names, learning);
    const expectations = names.map((name) => before?.get(name) ?? this.#unknown());
    for (const step of this.#steps.steps) {
      if (step.over === 'peers') this.#comparePeers(step, extended);
      else this.#compareTimes(step, { rows: extended, states, expectations }, at);
    }
    this.#warming = expectations.filter((one) => one.some(Number.isNaN)).length;
    if (this.#amendable && look.telling === 'first') {
      this.#expect(at.number, new Map(names.map((name, i) => [name, expectations[i]!])));
    }
    return extended;
  }

  /** Windows with lower numbers will not be told again. */
  settled(number: number): void {
    for (const known of this.#expected.keys()) if (known < number) this.#expected.delete(known);
  }

  /** Beyond the bound the earliest windows go first: their revisions compare with nothing. */
  #expect(number: number, expectations: ReadonlyMap<string, Float64Array>): void {
    this.#expected.set(number, expectations);
    const each = GROUP_OVERHEAD_BYTES + this.#steps.expectationLength * NUMBER_BYTES;
    const windowsMax = Math.floor(this.#bytesMax / (each * Math.max(1, expectations.size)));
    for (const known of this.#expected.keys()) {
      if (this.#expected.size <= windowsMax) return;
      this.#expected.delete(known);
    }
  }

  #compareTimes(
    step: TimeStep,
    now: {
      readonly rows: readonly Value[][];
      /** Null: a revision, whose expectations are given. */
      readonly states: readonly Float64Array[] | null;
      readonly expectations: readonly Float64Array[];
    },
    at: SeriesTime,
  ): void {
    const { model, stateFrom, expectationFrom } = step;
    for (const [i, slots] of now.rows.entries()) {
      const expectation = now.expectations[i]!.subarray(
        expectationFrom,
        expectationFrom + model.expectationLength,
      );
      const state = now.states?.[i]?.subarray(stateFrom, stateFrom + model.stateLength);
      const x = this.#number(step, slots);
      if (state !== undefined) model.expect(state, at, expectation);
      for (const { slot, result } of step.results) slots[slot] = result(x, expectation);
      if (state !== undefined && !Number.isNaN(x)) model.learn(state, at, x);
    }
  }

  #comparePeers(step: Extract<SeriesStep, { over: 'peers' }>, rows: readonly Value[][]): void {
    const values = Float64Array.from(rows, (slots) => this.#number(step, slots));
    const scores = step.scores(values);
    for (const [i, slots] of rows.entries()) {
      slots[step.slot] = Number.isNaN(scores[i]!) ? null : scores[i]!;
    }
  }

  #number(step: SeriesStep, slots: readonly Value[]): number {
    this.#row.slots = slots;
    const x = step.arg(this.#row);
    return typeof x === 'number' ? x : NaN;
  }

  #nameOf(slots: readonly Value[]): string {
    this.#row.slots = slots;
    return groupKey(this.#groupBy.map((key) => key(this.#row)));
  }

  #unknown(): Float64Array {
    return new Float64Array(this.#steps.expectationLength).fill(NaN);
  }

  /** The state of each name's series; copies that are thrown away unless `learning`. */
  #statesOf(names: readonly string[], learning: boolean): readonly Float64Array[] {
    const own = new Map<string, Float64Array>();
    for (const name of names) {
      if (own.has(name)) continue;
      const known = this.#states.get(name);
      const state = known ?? new Float64Array(this.#steps.stateLength).fill(NaN);
      own.set(name, learning || known === undefined ? state : state.slice());
    }
    if (learning) this.#keep(own);
    return names.map((name) => own.get(name)!);
  }

  #keep(states: ReadonlyMap<string, Float64Array>): void {
    for (const [name, state] of states) {
      if (this.#states.delete(name)) this.#states.set(name, state);
    }
    for (const [name, state] of states) {
      if (this.#states.has(name)) continue;
      if (this.#states.size >= this.#groupsMax) {
        this.#evicted += 1;
        // Groups of this window were known before the newcomer and stay: the newcomer is left out.
        const [oldest = name] = this.#states.keys();
        if (states.has(oldest)) continue;
        this.#states.delete(oldest);
      }
      this.#states.set(name, state);
    }
  }
}
