/**
 * LAST and SINCE … UNTIL: where a look back begins and ends. Times are numbers or ISO 8601 texts,
 * or expressions over `now()`, which are left for the moment when the query starts.
 */
import type { Expression, ReplayClause } from '../../grammar/ast.ts';
import { createEvalCounters, createRowContext } from '../expr/context.ts';
import { compileExpression } from '../expr/row.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { ReplayMoment, ReplaySpec } from '../ir/replay.ts';
import { eventTimeMs } from '../wire/event-time.ts';
import { isAggregateName } from './aggregate-names.ts';
import { readDuration } from './amounts.ts';
import type { DurationRule } from './amounts.ts';
import type { AnalysisContext } from './context.ts';
import { inferType, UNTYPED_LEAVES } from './infer-type.ts';
import { NULL } from './ir-nodes.ts';
import { ExpressionLowering } from './lower-expression.ts';
import { someIr } from './walk-ir.ts';

const HINT = "For example '2026-11-20T10:00:00Z', or now() - 15m.";

/** Null without the clause, and after a mistake, which is reported. */
export function checkReplay(
  replay: ReplayClause | null,
  context: AnalysisContext,
): ReplaySpec | null {
  if (replay === null) return null;
  if (replay.last !== null) {
    const rule: DurationRule = {
      what: 'LAST',
      code: 'MQL_BAD_REPLAY',
      minMs: 1,
      maxMs: context.config.replayMsMax,
      bareUnitMs: null,
    };
    const ms = readDuration(replay.last, rule, context);
    return ms === null ? null : { from: { kind: 'ago', ms }, until: null };
  }
  const from = replay.since === null ? null : momentOf(replay.since, context);
  const until = replay.until === null ? null : momentOf(replay.until, context);
  if (from === null || (replay.until !== null && until === null)) return null;
  if (from.kind === 'at' && until?.kind === 'at' && until.ms <= from.ms) {
    const { span } = replay.until ?? replay;
    context.report.add('MQL_BAD_REPLAY', span, 'UNTIL is not after SINCE');
    return null;
  }
  return { from, until };
}

function momentOf(node: Expression, context: AnalysisContext): ReplayMoment | null {
  const { report } = context;
  const before = report.diagnostics.length;
  const expression = timeLowering(context).value(node);
  if (report.diagnostics.slice(before).some(({ severity }) => severity === 'error')) return null;
  if (someIr(expression, readsClock)) {
    const type = inferType(expression, UNTYPED_LEAVES);
    if (type === 'number' || type === 'any') return { kind: 'computed', expression };
  } else {
    const value = compileExpression(expression, createEvalCounters())(createRowContext());
    const ms = eventTimeMs(value);
    if (ms !== null) return { kind: 'at', ms };
  }
  report.add('MQL_BAD_REPLAY', node.span, 'this is not a time', { hint: HINT });
  return null;
}

function readsClock(node: Ir): boolean {
  return node.op === 'call' && (node.name === 'now' || node.name === 'tick');
}

const OF_AN_EVENT: ReadonlySet<string> = new Set(['event_time', 'ingest_time']);

/** There is no event yet whose parts could be read. */
function timeLowering(context: AnalysisContext): ExpressionLowering {
  return new ExpressionLowering(context, {
    types: UNTYPED_LEAVES,
    list: (path) => ({ op: 'field', path }),
    isColumn: () => false,
    intercept(node) {
      const needsEvents =
        node.kind === 'property' ||
        (node.kind === 'call' &&
          (isAggregateName(node.name) || OF_AN_EVENT.has(node.name.toLowerCase())));
      if (!needsEvents) return null;
      const message = 'a time to look back to cannot depend on events';
      context.report.add('MQL_BAD_REPLAY', node.span, message, { hint: HINT });
      return NULL;
    },
  });
}
