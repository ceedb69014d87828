/**
 * What stands behind ON, sorted: equalities between the sources so far and the new one, and the
 * rest. Names must say whose they are; only a bare name alone may leave it out.
 */
import type { Expression, Join, Property } from '../../grammar/ast.ts';
import { childrenOf } from '../../grammar/walk.ts';
import type { Expression as Ir, FieldPath } from '../ir/expression.ts';
import { pathWithin } from '../ir/join.ts';
import { mapFields } from '../ir/map-fields.ts';
import type { AnalysisContext } from './context.ts';
import { eventLowering } from './event-leaves.ts';
import { checkComparison } from './check-types.ts';
import type { JoinedSource } from './join-scope.ts';
import { firstOf, propertyPath } from './lower-property.ts';

export interface KeyPair {
  /** As written. */
  readonly node: Expression;
  /** Over the rows so far. */
  readonly row: Ir;
  /** Over an event of the new source, without its alias. */
  readonly event: Ir;
  /** The name that `event` reads, if it reads one property and nothing else. */
  readonly column: string | null;
}

/** One JOIN: the new source, and those before it. */
export interface JoinPlace {
  readonly join: Join;
  readonly own: JoinedSource;
  readonly before: readonly JoinedSource[];
  readonly context: AnalysisContext;
}

export interface JoinCondition {
  readonly keys: readonly KeyPair[];
  readonly rest: readonly Expression[];
}

/** Null after a mistake, which is reported. */
export function splitCondition(place: JoinPlace): JoinCondition | null {
  const { context, join } = place;
  if (join.on === null) return { keys: [], rest: [] };
  const keys: KeyPair[] = [];
  const rest: Expression[] = [];
  let isSound = true;
  for (const node of conjunctsOf(join.on)) {
    const shared = sharedName(node, context);
    if (shared !== null) {
      keys.push(sharedKey(shared, place));
      continue;
    }
    if (readsOf(node, place) === null) {
      isSound = false;
      continue;
    }
    const key = equalityOf(node, place);
    if (key === null) rest.push(node);
    else keys.push(key);
  }
  return isSound ? { keys, rest } : null;
}

function conjunctsOf(node: Expression): readonly Expression[] {
  if (node.kind !== 'logical' || node.operator !== 'and') return [node];
  return node.operands.flatMap(conjunctsOf);
}

/** A name alone, without an alias: Mantis' `ON p`. */
function sharedName(node: Expression, { sources }: AnalysisContext): Property | null {
  if (node.kind !== 'property' || node.steps.some(({ kind }) => kind === 'each')) return null;
  return sources.splitAlias(node) === null ? node : null;
}

function sharedKey(node: Property, { before, context }: JoinPlace): KeyPair {
  const path = propertyPath(node, null, context);
  const event: Ir = { op: 'field', path };
  return { node, row: firstOf(before, path), event, column: columnOf(path) };
}

/** `p.a = x.b`, either way round; null: something else. */
function equalityOf(node: Expression, place: JoinPlace): KeyPair | null {
  if (node.kind !== 'binary' || node.operator !== '=') return null;
  const [left, right] = [sideRead(node.left, place), sideRead(node.right, place)];
  const isForward = left === 'before' && right === 'own';
  if (!isForward && !(left === 'own' && right === 'before')) return null;
  const { context, own } = place;
  const lowering = eventLowering(context, 'ON');
  const [first, second] = [lowering.value(node.left), lowering.value(node.right)];
  checkComparison(node, first, second, lowering);
  const event = mapFields(isForward ? second : first, (path) => {
    return { op: 'field', path: pathWithin(own.alias, path) ?? path };
  });
  const column = event.op === 'field' ? columnOf(event.path) : null;
  return { node, row: isForward ? first : second, event, column };
}

/** Which side alone an expression reads; null: none, both, or a clock. */
function sideRead(node: Expression, place: JoinPlace): 'own' | 'before' | null {
  const reads = readsOf(node, place);
  if (reads === null || reads.clock || reads.own === reads.before) return null;
  return reads.own ? 'own' : 'before';
}

function columnOf(path: FieldPath): string | null {
  const [only, ...others] = path;
  if (only === undefined || others.length > 0) return null;
  if (only.by === 'name') return only.name;
  return only.by === 'key' ? only.key : null;
}

/** What an expression of ON reads. */
interface Reads {
  own: boolean;
  before: boolean;
  /** Its value depends on a clock, so that the two sides would not see the same. */
  clock: boolean;
}

const CLOCK_FUNCTIONS: ReadonlySet<string> = new Set(['now', 'tick', 'event_time', 'ingest_time']);

/** Null after a mistake, which is reported. */
function readsOf(node: Expression, place: JoinPlace): Reads | null {
  const reads: Reads = { own: false, before: false, clock: false };
  let isSound = true;
  const visit = (inner: Expression): void => {
    if (inner.kind === 'property') {
      isSound = noteProperty(inner, reads, place) && isSound;
      return;
    }
    if (inner.kind === 'call' && CLOCK_FUNCTIONS.has(inner.name.toLowerCase())) reads.clock = true;
    for (const child of childrenOf(inner)) visit(child);
  };
  visit(node);
  return isSound ? reads : null;
}

function noteProperty(node: Property, reads: Reads, { own, before, context }: JoinPlace): boolean {
  const { report, sources } = context;
  const alias = sources.splitAlias(node)?.alias ?? null;
  if (alias === own.alias) {
    reads.own = true;
    return true;
  }
  if (before.some((one) => one.alias === alias)) {
    reads.before = true;
    return true;
  }
  if (alias === null) {
    const name = node.root.kind === 'event' ? 'name' : node.root.name;
    const message = `ON must say whose \`${name}\` is meant`;
    const hint = `Write \`${before[0]?.alias}.${name}\` or \`${own.alias}.${name}\`.`;
    report.add('MQL_JOIN_CONDITION', node.span, message, { hint });
    return false;
  }
  const message = `\`${alias}\` is joined only later`;
  report.add('MQL_JOIN_CONDITION', node.span, message, { hint: 'Change the order of the joins.' });
  return false;
}
