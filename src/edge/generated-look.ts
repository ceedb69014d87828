/**
 * Generated code where it is allowed: the queries of a stream become one function, or a few if they
 * are many, because a function beyond some length is never optimized. Whether code may be made of
 * text is found out once in a process; a content security policy and
 * `--disallow-code-generation-from-strings` forbid it, and then closures do the same.
 */
import type { Expression } from '../ir/expression.ts';
import type { Event } from '../model/value.ts';
import { fusedSource } from './fused-source.ts';
import type { FusedAround, FusedParts, FusedSource } from './fused-source.ts';
import { LOOKED } from './looked.ts';
import type { FusedLook } from './looked.ts';
import type { Fuse, StreamEvaluator } from './stream-evaluator.ts';

/** Queries of one function. */
const QUERIES_MAX = 24;

let isAllowed: boolean | null = null;

/** Whether this process may make code of text. */
export function mayGenerate(): boolean {
  isAllowed ??= tryToGenerate();
  return isAllowed;
}

function tryToGenerate(): boolean {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- The one way to find out.
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** Null: closures are all there is. */
export function fuseOf(around: FusedAround, afterEvents: number): Fuse | null {
  if (!mayGenerate()) return null;
  const generate = (evaluator: StreamEvaluator): FusedLook | null => {
    try {
      return generatedLook(evaluator, around);
    } catch {
      // A plan too deep for the parser's stack: closures bear it.
      return null;
    }
  };
  return { generate, afterEvents };
}

export function generatedLook(evaluator: StreamEvaluator, around: FusedAround): FusedLook {
  const at = { row: evaluator.row, begin: (event: Event) => evaluator.begin(event) };
  const looks = partsOf(evaluator).map((parts) => instantiated(fusedSource(parts, at, around)));
  // What is drawn travels as columns: the closures know how.
  if (evaluator.drawsSamples) looks.push((event, sequence) => judged(evaluator, event, sequence));
  const [only] = looks;
  if (looks.length === 1 && only !== undefined) return only;
  return (event, sequence) => {
    let looked = 0;
    for (let i = 0; i < looks.length; i++) looked |= looks[i]!(event, sequence);
    return looked;
  };
}

function judged(evaluator: StreamEvaluator, event: Event, sequence: number): number {
  evaluator.begin(event);
  const verdict = evaluator.judge(sequence);
  if (verdict === 'wanted') return LOOKED.wanted;
  return verdict === 'filtered' ? LOOKED.filtered : 0;
}

function partsOf({ drawsSamples, queries }: StreamEvaluator): readonly FusedParts[] {
  const tables = queries.flatMap((query) => {
    const { table } = query;
    return table === null ? [] : [{ query, table }];
  });
  const shipped = drawsSamples ? [] : queries.filter(({ table }) => table === null);
  const wanted: readonly (Expression | null)[] = shipped.some(({ wants }) => wants === null)
    ? [null]
    : shipped.map(({ source }) => source.where);
  const parts: FusedParts[] = [];
  for (let from = 0; from < Math.max(tables.length, wanted.length); from += QUERIES_MAX) {
    const to = from + QUERIES_MAX;
    parts.push({ tables: tables.slice(from, to), wanted: wanted.slice(from, to) });
  }
  return parts;
}

function instantiated({ body, bound }: FusedSource): FusedLook {
  // oxlint-disable-next-line typescript/no-implied-eval -- fused-source.ts says of what.
  const make = new Function(...bound.keys(), body) as (...values: unknown[]) => FusedLook;
  return make(...bound.values());
}
