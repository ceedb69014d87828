/** The baseline, replayed from the first reading each time. */
import type { Moment, Reading } from './reference-reading.ts';

const WARM_UP = 10;
const PHASE_MS_MIN = 600_000;
const PHASES_MAX = 1_008;

interface Memory {
  level: number;
  spread: number;
  learntMs: number;
  /** Means of the phases of the cycle, by place. */
  readonly season: Map<number, number>;
  underWay: { readonly phase: number; readonly believed: number[] } | null;
}

/** Null until there was enough to learn from. */
export function expectBaseline(
  past: readonly Reading[],
  cycleMs: number,
  at: Moment,
): { readonly centre: number; readonly sigma: number } | null {
  if (past.length < WARM_UP) return null;
  const wished = Math.floor(cycleMs / Math.max(at.slideMs, PHASE_MS_MIN));
  const phases = Math.min(PHASES_MAX, Math.max(1, wished));
  const phaseMs = cycleMs / phases;
  const memory: Memory = {
    level: past[0]!.x,
    spread: 0,
    learntMs: NaN,
    season: new Map(),
    underWay: null,
  };
  const middle = (startMs: number): number => startMs + at.slideMs / 2;
  for (const [index, { startMs, x }] of past.entries()) {
    const atMs = middle(startMs);
    const moved = seasonMoved(memory, atMs, phases, phaseMs);
    const believed = learn(memory, index + 1, x, moved);
    const phase = Math.floor(atMs / phaseMs);
    const { underWay } = memory;
    if (underWay !== null && underWay.phase !== phase) {
      endPhase(memory, underWay.phase % phases, underWay.believed);
      memory.underWay = null;
    }
    memory.underWay ??= { phase, believed: [] };
    memory.underWay.believed.push(believed);
    memory.learntMs = atMs;
  }
  const centre = memory.level + (seasonMoved(memory, middle(at.startMs), phases, phaseMs) ?? 0);
  return { centre, sigma: sigmaOf(memory, centre) };
}

/** Null: not known at one of the two moments. */
function seasonMoved(memory: Memory, atMs: number, phases: number, phaseMs: number): number | null {
  const now = seasonAt(memory, atMs / phaseMs, phases);
  const then = seasonAt(memory, memory.learntMs / phaseMs, phases);
  return Number.isNaN(now - then) ? null : now - then;
}

/** Between the middles of two phases on the straight line. */
function seasonAt(memory: Memory, place: number, phases: number): number {
  const first = Math.floor(place - 0.5);
  const share = place - 0.5 - first;
  const before = phaseMean(memory, (first + phases) % phases, phases);
  const after = phaseMean(memory, (first + 1) % phases, phases);
  return before + share * (after - before);
}

function sigmaOf({ spread }: Memory, centre: number): number {
  return Math.max(1.2533 * spread, 0.01 * Math.abs(centre));
}

/** Returns the value as far as it was believed; all of it where nothing was known. */
function learn(memory: Memory, count: number, x: number, moved: number | null): number {
  const expected = memory.level + (moved ?? 0);
  const distance = Math.abs(x - expected);
  if (count <= WARM_UP) {
    memory.level = expected + (x - expected) / count;
    if (count > 1) memory.spread += (distance - memory.spread) / (count - 1);
    return x;
  }
  const sigma = sigmaOf(memory, expected);
  const upTo = (sigmas: number): number =>
    sigma === 0 ? distance : Math.min(distance, sigmas * sigma);
  const believed = upTo(3);
  const taken = expected + Math.sign(x - expected) * believed;
  memory.level = expected + (moved === null ? 0.1 : 0.01) * (taken - expected);
  if (moved === null) memory.spread += 0.05 * (upTo(3) - memory.spread);
  else memory.spread += 0.01 * (upTo(2) - memory.spread);
  return moved === null ? x : taken;
}

function endPhase({ season }: Memory, place: number, believed: readonly number[]): void {
  const mean = meanOf(believed);
  const known = season.get(place);
  season.set(place, known === undefined ? mean : known + 0.3 * (mean - known));
}

/** The phase under way counts with what it has so far, if the one after it is known. */
function phaseMean({ season, underWay }: Memory, place: number, phases: number): number {
  const known = season.get(place);
  if (known !== undefined) return known;
  if (underWay?.phase === undefined || underWay.phase % phases !== place) return NaN;
  return season.has((place + 1) % phases) ? meanOf(underWay.believed) : NaN;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
