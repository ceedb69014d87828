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
  const memory: Memory = { level: past[0]!.x, spread: 0, learntMs: NaN, season: new Map() };
  let underWay: { phase: number; believed: number[] } | null = null;
  const middle = (startMs: number): number => startMs + at.slideMs / 2;
  for (const [index, { startMs, x }] of past.entries()) {
    const atMs = middle(startMs);
    const believed = learn(memory, index + 1, x, predict(memory, atMs, phases, phaseMs));
    const phase = Math.floor(atMs / phaseMs);
    if (underWay !== null && underWay.phase !== phase) {
      endPhase(memory, underWay.phase % phases, underWay.believed);
      underWay = null;
    }
    underWay ??= { phase, believed: [] };
    underWay.believed.push(believed);
    memory.learntMs = atMs;
  }
  const centre = predict(memory, middle(at.startMs), phases, phaseMs);
  return { centre, sigma: sigmaOf(memory, centre) };
}

function predict(memory: Memory, atMs: number, phases: number, phaseMs: number): number {
  const now = seasonAt(memory, atMs / phaseMs, phases);
  const then = seasonAt(memory, memory.learntMs / phaseMs, phases);
  return Number.isNaN(now - then) ? memory.level : memory.level + now - then;
}

/** Between the middles of two phases on the straight line. */
function seasonAt({ season }: Memory, place: number, phases: number): number {
  const first = Math.floor(place - 0.5);
  const share = place - 0.5 - first;
  const before = season.get((first + phases) % phases) ?? NaN;
  const after = season.get((first + 1) % phases) ?? NaN;
  return before + share * (after - before);
}

function sigmaOf({ spread }: Memory, centre: number): number {
  return Math.max(1.2533 * spread, 0.01 * Math.abs(centre));
}

/** Returns the value as far as it was believed. */
function learn(memory: Memory, count: number, x: number, expected: number): number {
  const distance = Math.abs(x - expected);
  if (count <= WARM_UP) {
    memory.level = expected + (x - expected) / count;
    if (count > 1) memory.spread += (distance - memory.spread) / (count - 1);
    return x;
  }
  const cut = 3 * sigmaOf(memory, expected);
  const believed = cut === 0 ? distance : Math.min(distance, cut);
  const taken = expected + Math.sign(x - expected) * believed;
  memory.level = expected + 0.1 * (taken - expected);
  memory.spread += 0.05 * (believed - memory.spread);
  return taken;
}

function endPhase({ season }: Memory, place: number, believed: readonly number[]): void {
  const mean = believed.reduce((sum, x) => sum + x, 0) / believed.length;
  const known = season.get(place);
  season.set(place, known === undefined ? mean : known + 0.3 * (mean - known));
}
