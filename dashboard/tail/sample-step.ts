/**
 * One in how many events a tail shows. People read a handful a second; what is brought beyond
 * {@link TAIL_EVENTS_PER_SECOND} costs every process on the way and is never seen. The step has
 * some inertia, because each change of it is another query.
 */
import { TAIL_EVENTS_PER_SECOND } from '../limits.ts';

/** Numbers that people can reckon with. */
const MANTISSAS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** A step stays while it brings no more than this share of the bound… */
const OVER = 1.5;
/** …and a finer one would bring no less than this share. */
const ROOM = 0.75;

/** The smallest round number for which no more than the bound is brought. */
export function stepFor(matchesPerSecond: number): number {
  const wanted = matchesPerSecond / TAIL_EVENTS_PER_SECOND;
  if (!(wanted > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const mantissa = MANTISSAS.find((candidate) => candidate * power >= wanted) ?? 10;
  return Math.ceil(mantissa * power);
}

/** The step to go on with. */
export function nextStep(step: number, matchesPerSecond: number): number {
  const brought = matchesPerSecond / step;
  if (brought > TAIL_EVENTS_PER_SECOND * OVER) return stepFor(matchesPerSecond);
  const finer = stepFor(matchesPerSecond / ROOM);
  return finer < step ? finer : step;
}
