/**
 * What functions over series would remember if their query had run all along, worked out from kept
 * series when it begins: of single windows where the buckets hold one each, of rolled ones where a
 * model can learn from those.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { PastBucket } from '../series/contract.ts';
import { exactStepMs } from '../series/roll-steps.ts';
import { compileSteps, groupsWithin } from './series-steps.ts';
import type { TimeStep } from './series-steps.ts';

/** Kept series, by groups as `operator/series-stage.ts` names them. */
export interface SeriesPast {
  /** Buckets of what `argument` gave, [fromMs, toMs), each group's in order; empty: not kept. */
  read(argument: Expression, range: PastRange): ReadonlyMap<string, readonly PastBucket[]>;
}

export interface PastRange {
  readonly stepMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** So many windows just before now are learnt one by one. */
const SINGLE_WINDOWS = 360;
/** Single windows begin where the longest bucket ends, so that none is learnt twice. */
const LONGEST_STEP_MS = 600_000;

export function recalledStates(
  plan: QueryPlan,
  past: SeriesPast,
  now: { readonly nowMs: number; readonly config: Pick<Config, 'seriesBytesMax'> },
): Map<string, Float64Array> {
  const states = new Map<string, Float64Array>();
  const { series, window } = plan;
  if (series === null || window.kind !== 'time') return states;
  const { sizeMs, slideMs } = window;
  const steps = compileSteps(series, { slots: 0, slideMs }, createEvalCounters());
  const groupsMax = groupsWithin(steps, now.config.seriesBytesMax);
  const stateOf = (group: string, step: TimeStep): Float64Array | null => {
    let state = states.get(group);
    if (state === undefined) {
      if (states.size >= groupsMax) return null;
      states.set(group, (state = new Float64Array(steps.stateLength).fill(NaN)));
    }
    return state.subarray(step.stateFrom, step.stateFrom + step.model.stateLength);
  };
  for (const step of steps.steps) {
    if (step.over === 'time') recall(step, { past, sizeMs, slideMs, nowMs: now.nowMs, stateOf });
  }
  return states;
}

interface Recalling {
  readonly past: SeriesPast;
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly nowMs: number;
  readonly stateOf: (group: string, step: TimeStep) => Float64Array | null;
}

function recall(step: TimeStep, { past, sizeMs, slideMs, nowMs, stateOf }: Recalling): void {
  const { argument, model } = step;
  const singleMs = exactStepMs(slideMs);
  const beganMs = nowMs - SINGLE_WINDOWS * slideMs;
  const singleFromMs =
    singleMs === null ? nowMs : Math.floor(beganMs / LONGEST_STEP_MS) * LONGEST_STEP_MS;
  if (model.recall !== undefined) {
    const { reachMs, stepMs } = model.recall;
    const range = { stepMs, fromMs: nowMs - reachMs, toMs: singleFromMs };
    for (const [group, buckets] of past.read(argument, range)) {
      const state = stateOf(group, step);
      if (state === null) continue;
      for (const bucket of buckets) model.recall.learn(state, bucket);
    }
  }
  if (singleMs === null) return;
  // Only windows that have ended: the query tells the others itself.
  const range = { stepMs: singleMs, fromMs: singleFromMs, toMs: nowMs - sizeMs + 1 };
  for (const [group, buckets] of past.read(argument, range)) {
    const state = stateOf(group, step);
    if (state === null) continue;
    for (const { startMs, windows, mean } of buckets) {
      if (windows !== 1) continue;
      model.learn(state, { number: Math.floor(startMs / slideMs), startMs }, mean);
    }
  }
}
