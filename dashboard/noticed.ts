/** Which drawn lines of a result are at another level since when, the largest step first. Pure. */
import { findStep } from './change-point.ts';
import type { Step } from './change-point.ts';
import type { ResultStore } from './result-store.ts';

export interface NoticedStep extends Step {
  readonly group: string;
  readonly label: string;
  /** Start of the first window of the new level, milliseconds UTC. */
  readonly sinceMs: number;
}

/** Windows looked at: the last step counts, and a long look finds an older one. */
const LOOKS: readonly number[] = [30, 60, 180];
const WINDOWS_MAX = 180;

/** Steps of the first chart's lines. */
export function noticedSteps(
  store: ResultStore,
  groups: readonly string[],
): readonly NoticedStep[] {
  const { ring } = store;
  const first = Math.max(0, ring.length - WINDOWS_MAX);
  const places: number[] = [];
  for (let index = first; index < ring.length; index++) {
    const { provisional, condition } = ring.at(index);
    if (!provisional && !UNSURE.has(condition)) places.push(index);
  }
  const steps = groups.flatMap((group): NoticedStep[] => {
    const values = places.map((index) => ring.valueAt(group, 0, index));
    const step = lastStep(values);
    if (step === null) return [];
    const sinceMs = ring.at(places[step.at] ?? first).start;
    return [{ ...step, group, label: ring.labelOf(group), sinceMs }];
  });
  return steps.toSorted((a, b) => sizeOf(b) - sizeOf(a));
}

/** Several incidents in a row would hide each other from one long look. */
function lastStep(values: readonly number[]): Step | null {
  for (const look of LOOKS) {
    const from = Math.max(0, values.length - look);
    const step = findStep(values.slice(from));
    if (step !== null) return { ...step, at: step.at + from };
    if (from === 0) return null;
  }
  return null;
}

/** A hole in telemetry is no step of what is measured. */
const UNSURE: ReadonlySet<string> = new Set(['none', 'silent', 'partial', 'degraded']);

/** Part of the larger level. */
export function sizeOf({ before, after }: Step): number {
  return Math.abs(after - before) / Math.max(Math.abs(before), Math.abs(after));
}
