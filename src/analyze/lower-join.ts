/**
 * FROM … JOIN … ON → a join stage. Of the AND chain behind ON, `p.a = x.b` with one side each is a
 * key, a bare name that no alias stands before is a key of both (`ON session`), and the rest is
 * decided over the joined row. At least one key there must be: without it every event would meet
 * every other.
 */
import type { Expression, FromClause, Join } from '../../grammar/ast.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { JoinStage, JoinStep, StreamJoin, StreamSide, TableJoin } from '../ir/join.ts';
import type { SampleSpec, SourceStage } from '../ir/plan.ts';
import { readDuration } from './amounts.ts';
import { checkCondition } from './check-types.ts';
import type { AnalysisContext } from './context.ts';
import { eventLowering } from './event-leaves.ts';
import { splitCondition } from './join-condition.ts';
import type { JoinPlace, KeyPair } from './join-condition.ts';
import { isTableJoin } from './join-scope.ts';
import type { JoinedSource } from './join-scope.ts';

/** Null: there is no join. After a mistake, which is reported, what is left of it. */
export function lowerJoins(
  from: FromClause | null,
  sample: SampleSpec | null,
  context: AnalysisContext,
): JoinStage | null {
  const { joined } = context.sources;
  const [first] = joined ?? [];
  if (from === null || joined === null || first === undefined) return null;
  checkJoinedSample(sample, from, context);
  const source: SourceStage = { sample, where: null, fields: [], allFields: true };
  const steps: JoinStep[] = [];
  for (const [index, one] of joined.entries()) {
    if (one.join === null) continue;
    if (index > context.config.joinsMax) {
      const message = `more than ${context.config.joinsMax} joins`;
      const hint = 'Join less, or save a part of it as a view.';
      context.report.add('MQL_TOO_MANY_JOINS', one.join.span, message, { hint });
      break;
    }
    const place: JoinPlace = { join: one.join, own: one, before: joined.slice(0, index), context };
    const step = isTableJoin(one.join) ? lowerTableJoin(place) : lowerStreamJoin(place, source);
    if (step !== null) steps.push(step);
  }
  return { first: sideOf(first, source), steps };
}

function sideOf({ alias, pattern }: JoinedSource, source: SourceStage): StreamSide {
  return { alias, pattern, source };
}

/** What share of the pairs a sample of both sides keeps depends on how many meet. */
function checkJoinedSample(
  sample: SampleSpec | null,
  from: FromClause,
  { report }: AnalysisContext,
): void {
  if (sample === null || !sample.extrapolate) return;
  report.add('MQL_BAD_SAMPLE', from.span, 'a sample of a join cannot be extrapolated', {
    hint: 'Leave `extrapolate` out; STICKY on the key keeps whole pairs.',
  });
}

function lowerStreamJoin(place: JoinPlace, source: SourceStage): StreamJoin | null {
  const { before, context, join, own } = place;
  const withinMs = withinOf(join, context);
  const condition = splitCondition(place);
  if (condition === null || withinMs === null) return null;
  if (condition.keys.length === 0) {
    const message = 'ON must say what is equal on both sides';
    const hint = `For example \`ON ${before[0]?.alias}.id = ${own.alias}.id\`.`;
    context.report.add('MQL_JOIN_CONDITION', join.on?.span ?? join.span, message, { hint });
    return null;
  }
  return {
    kind: 'stream',
    type: join.type,
    side: sideOf(own, source),
    withinMs,
    keys: condition.keys.map(({ row, event }) => ({ row, event })),
    on: lowerRest(condition.rest, context),
  };
}

function lowerTableJoin(place: JoinPlace): TableJoin | null {
  const { context, join, own } = place;
  if (!isKnownTable(own, join, context)) return null;
  const condition = splitCondition(place);
  if (condition === null) return null;
  const { keys, rest } = condition;
  const chosen = keys.find((key) => isKeyOf(own, key));
  const others = keys.filter((key) => key !== chosen).map(({ node }) => node);
  // A bare name means both sides: as a condition of its own it would mean another thing.
  if (chosen?.column == null || others.some((node) => node.kind !== 'binary')) {
    reportTableKey(place);
    return null;
  }
  return {
    kind: 'table',
    type: join.type,
    alias: own.alias,
    table: own.source.name,
    key: chosen.row,
    keyColumn: chosen.column,
    on: lowerRest([...others, ...rest], context),
  };
}

function reportTableKey({ before, context, join, own }: JoinPlace): void {
  const column = own.table?.keyColumn;
  const message =
    column === undefined
      ? `\`${own.source.name}\` is joined by its key column, and ON names none`
      : `the key of the table \`${own.source.name}\` is \`${column}\``;
  const name = column ?? 'id';
  const hint = `For example \`ON ${before[0]?.alias}.${name} = ${own.alias}.${name}\`.`;
  context.report.add('MQL_TABLE_KEY', join.on?.span ?? join.span, message, { hint });
}

/** Where nothing is known of tables, whatever column ON compares is taken for the key. */
function isKeyOf({ table }: JoinedSource, { column }: KeyPair): boolean {
  return column !== null && (table === null || table.keyColumn === column);
}

function isKnownTable(one: JoinedSource, join: Join, context: AnalysisContext): boolean {
  const { catalogue, report } = context;
  const { name, glob, span } = one.source;
  if (catalogue?.table === undefined && !glob) return true;
  if (one.table !== null) return true;
  const isStream = glob || (catalogue?.streams().includes(name) ?? false);
  if (isStream) {
    const message = 'a join of streams needs WITHIN, or it would keep every event for ever';
    report.add('MQL_JOIN_UNBOUNDED', join.span, message, { hint: 'For example `WITHIN 10s`.' });
    return false;
  }
  const near = suggest(name, catalogue?.tables?.() ?? []);
  const hint =
    near === null
      ? 'A join with a stream needs WITHIN; a table is made by `squilla table put`.'
      : `Did you mean \`${near}\`? A join with a stream needs WITHIN.`;
  report.add('MQL_UNKNOWN_TABLE', span, `there is no table \`${name}\``, { hint });
  return false;
}

function withinOf(join: Join, context: AnalysisContext): number | null {
  if (join.within === null) return null;
  const rule = {
    what: 'WITHIN',
    code: 'MQL_BAD_DURATION',
    minMs: 1,
    maxMs: context.config.joinWithinMsMax,
    bareUnitMs: null,
  } as const;
  return readDuration(join.within, rule, context);
}

function lowerRest(rest: readonly Expression[], context: AnalysisContext): Ir | null {
  const [first, ...others] = rest;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return null;
  const span = { start: first.span.start, end: last.span.end };
  const node: Expression =
    others.length === 0 ? first : { kind: 'logical', operator: 'and', operands: rest, span };
  const lowering = eventLowering(context, 'ON');
  const lowered = lowering.condition(node);
  checkCondition(node, lowered, 'ON', lowering);
  return lowered;
}
