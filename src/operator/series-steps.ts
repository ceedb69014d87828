/**
 * A series stage as steps in the order in which they run. Functions that read the same model of the
 * same argument (BASELINE and DEVIATION of one count) are one step, so that they keep one state and
 * agree by construction. A step's argument may read the results of the steps before.
 */
import type { EvalCounters, RowFunction } from '../expr/context.ts';
import { compileExpression } from '../expr/row.ts';
import type { Expression } from '../ir/expression.ts';
import type { SeriesStage, SeriesSpec } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';
import { seriesDefinition } from '../series/catalogue.ts';
import type { SeriesModel } from '../series/contract.ts';

export type SeriesStep = TimeStep | PeersStep;

export interface TimeStep {
  readonly over: 'time';
  /** Over slots, what `arg` evaluates. */
  readonly argument: Expression;
  readonly arg: RowFunction;
  readonly model: SeriesModel;
  /** Where its numbers begin in a group's state and expectations. */
  readonly stateFrom: number;
  readonly expectationFrom: number;
  readonly results: readonly TimeResult[];
}

interface TimeResult {
  readonly slot: number;
  readonly result: (x: number, expectation: Float64Array) => Value;
}

export interface PeersStep {
  readonly over: 'peers';
  readonly arg: RowFunction;
  readonly slot: number;
  readonly scores: (values: Float64Array) => Float64Array;
}

export interface SeriesSteps {
  readonly steps: readonly SeriesStep[];
  /** Numbers of a group's state and of its expectations, over all steps. */
  readonly stateLength: number;
  readonly expectationLength: number;
}

/** @param row `slots`: of a row before the functions'; `slideMs`: from one window to the next. */
export function compileSteps(
  stage: SeriesStage,
  row: { readonly slots: number; readonly slideMs: number },
  counters: EvalCounters,
): SeriesSteps {
  const steps: SeriesStep[] = [];
  const known = new Map<string, TimeResult[]>();
  let stateLength = 0;
  let expectationLength = 0;
  for (const [index, spec] of stage.functions.entries()) {
    const slot = row.slots + index;
    const { evaluate } = seriesDefinition(spec);
    const arg = compileExpression(spec.arg, counters);
    if (evaluate.over === 'peers') {
      steps.push({ over: 'peers', arg, slot, scores: evaluate.scores });
      continue;
    }
    const { parameters } = spec;
    const own: TimeResult = { slot, result: (x, e) => evaluate.result(x, e, parameters) };
    const name = modelKey(evaluate.modelName, spec);
    const shared = known.get(name);
    if (shared !== undefined) {
      shared.push(own);
      continue;
    }
    const model = evaluate.model(parameters, row.slideMs);
    const results = [own];
    known.set(name, results);
    const place = { stateFrom: stateLength, expectationFrom: expectationLength };
    steps.push({ over: 'time', argument: spec.arg, arg, model, ...place, results });
    stateLength += model.stateLength;
    expectationLength += model.expectationLength;
  }
  return { steps, stateLength, expectationLength };
}

function modelKey(modelName: string, { arg, parameters }: SeriesSpec): string {
  return JSON.stringify([modelName, parameters, arg]);
}

/** Beside its numbers a group costs its name, an entry of the map and an array. */
export const GROUP_OVERHEAD_BYTES = 240;
export const NUMBER_BYTES = 8;

/** About how many bytes a group's memory takes. */
export function bytesOfGroup({ stateLength }: Pick<SeriesSteps, 'stateLength'>): number {
  return GROUP_OVERHEAD_BYTES + stateLength * NUMBER_BYTES;
}

export function groupsWithin(steps: Pick<SeriesSteps, 'stateLength'>, bytesMax: number): number {
  return Math.max(1, Math.floor(bytesMax / bytesOfGroup(steps)));
}
