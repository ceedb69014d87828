/**
 * Checks of untrusted expressions: known node kinds, known functions with the right number of
 * arguments, element references inside their `some`, slots within the row, patterns that compile.
 */
import { functionNamed } from './functions.ts';
import type { Json, ShapeReader } from './json-shape.ts';

export interface ExpressionScope {
  /** Ids of the enclosing `some` expressions. */
  readonly elements: ReadonlySet<number>;
  /** Slots that may be read; 0 where there is an event and no row yet. */
  readonly slots: number;
  /** Whether `field` may be read: not after aggregation or projection. */
  readonly fields: boolean;
  /** What is wrong with a regular expression, null if nothing: `patternProblem` of `expr/`. */
  readonly patternProblem: (pattern: string) => string | null;
}

/** Ids index an array of elements at evaluation. */
const ELEMENT_ID_MAX = 10_000;

export function checkExpression(
  reader: ShapeReader,
  value: unknown,
  scope: ExpressionScope,
): boolean {
  if (!reader.object(value)) return false;
  const op = value['op'];
  const check = typeof op === 'string' && Object.hasOwn(CHECKS, op) ? CHECKS[op] : undefined;
  return check === undefined
    ? reader.fail('no such kind of expression')
    : check(reader, value, scope);
}

export function checkPath(reader: ShapeReader, value: unknown): boolean {
  return reader.list(value, (step) => {
    if (!reader.object(step)) return false;
    const isLater = Array.isArray(value) && value[0] !== step;
    if (isLater && step['by'] === 'stream') return reader.fail('streams stand first');
    return checkStep(reader, step);
  });
}

type Check = (reader: ShapeReader, node: Json, scope: ExpressionScope) => boolean;

const CHECKS: Readonly<Record<string, Check>> = {
  literal: (reader, node) => reader.member(node, 'value', (value) => reader.value(value)),
  field: (reader, node, scope) =>
    (scope.fields || reader.fail('no event to read from here')) &&
    reader.member(node, 'path', (path) => checkPath(reader, path)),
  element: (reader, node, scope) =>
    reader.member(node, 'id', (id) => isKnownElement(reader, id, scope)) &&
    reader.member(node, 'path', (path) => checkPath(reader, path)),
  slot: (reader, node, scope) =>
    reader.member(node, 'index', (index) => reader.whole(index, 0, scope.slots - 1)),
  and: checkArguments,
  or: checkArguments,
  not: checkArgument,
  match: (reader, node, scope) =>
    reader.member(node, 'mode', (mode) => reader.oneOf(mode, ['full', 'find'])) &&
    reader.member(node, 'pattern', (pattern) => checkPattern(reader, pattern, scope)) &&
    checkArgument(reader, node, scope),
  in: (reader, node, scope) =>
    checkArgument(reader, node, scope) &&
    reader.member(node, 'list', (list) =>
      reader.list(list, (member) => checkExpression(reader, member, scope)),
    ),
  case: (reader, node, scope) =>
    reader.member(node, 'branches', (branches) =>
      reader.list(branches, (branch) => checkBranch(reader, branch, scope)),
    ) && reader.member(node, 'otherwise', (otherwise) => checkExpression(reader, otherwise, scope)),
  some: checkSome,
  call: checkCall,
};

function checkArgument(reader: ShapeReader, node: Json, scope: ExpressionScope): boolean {
  return reader.member(node, 'arg', (arg) => checkExpression(reader, arg, scope));
}

function checkArguments(reader: ShapeReader, node: Json, scope: ExpressionScope): boolean {
  return reader.member(node, 'args', (args) =>
    reader.list(args, (arg) => checkExpression(reader, arg, scope)),
  );
}

function checkBranch(reader: ShapeReader, branch: unknown, scope: ExpressionScope): boolean {
  if (!reader.object(branch)) return false;
  return ['when', 'then'].every((name) =>
    reader.member(branch, name, (part) => checkExpression(reader, part, scope)),
  );
}

function checkSome(reader: ShapeReader, node: Json, scope: ExpressionScope): boolean {
  const { id } = node;
  if (!reader.member(node, 'id', (one) => reader.whole(one, 0, ELEMENT_ID_MAX))) return false;
  const isOver = reader.member(node, 'over', (over) => {
    const op = reader.object(over) ? over['op'] : null;
    const isList = op === 'field' || op === 'element' || op === 'slot';
    if (!isList) return reader.fail('must be a field, an element or a slot');
    return checkExpression(reader, over, scope);
  });
  if (!isOver) return false;
  if (scope.elements.has(Number(id))) return reader.fail('its id is taken by an enclosing one');
  const elements = new Set(scope.elements).add(Number(id));
  return reader.member(node, 'condition', (condition) =>
    checkExpression(reader, condition, { ...scope, elements }),
  );
}

function checkCall(reader: ShapeReader, node: Json, scope: ExpressionScope): boolean {
  const signature = functionNamed(String(node['name']));
  if (typeof node['name'] !== 'string' || signature === null) {
    return reader.fail('no such function');
  }
  const { args } = node;
  const { minArgs, maxArgs } = signature;
  if (Array.isArray(args) && (args.length < minArgs || args.length > maxArgs)) {
    return reader.fail(`${signature.name} takes ${minArgs} to ${maxArgs} arguments`);
  }
  if (!checkArguments(reader, node, scope)) return false;
  if (signature.name !== 'regexp_extract' || !Array.isArray(args)) return true;
  const pattern: unknown = args[1];
  const literal = reader.object(pattern) && pattern['op'] === 'literal' ? pattern['value'] : null;
  return checkPattern(reader, literal, scope);
}

function checkPattern(reader: ShapeReader, pattern: unknown, scope: ExpressionScope): boolean {
  if (!reader.string(pattern)) return false;
  const problem = scope.patternProblem(pattern);
  return problem === null || reader.fail(problem);
}

function isKnownElement(reader: ShapeReader, id: unknown, scope: ExpressionScope): boolean {
  if (typeof id === 'number' && scope.elements.has(id)) return true;
  return reader.fail('stands outside the list that it names');
}

function checkStep(reader: ShapeReader, step: Json): boolean {
  switch (step['by']) {
    case 'name':
      return reader.member(step, 'name', (name) => reader.string(name));
    case 'key':
      return reader.member(step, 'key', (key) => reader.string(key));
    case 'prefix':
      return reader.member(step, 'prefix', (prefix) => reader.string(prefix));
    case 'index':
      return reader.member(step, 'index', (index) => reader.whole(index, Number.MIN_SAFE_INTEGER));
    case 'stream':
      return (
        reader.member(step, 'pattern', (pattern) => reader.string(pattern)) &&
        reader.member(step, 'glob', (glob) => reader.boolean(glob))
      );
    case 'each':
      return true;
    default:
      return reader.fail('no such kind of step');
  }
}
