/**
 * Reading paths. Names step into objects only, longest key first at every level, and a null counts
 * as not there; out of range, missing, or stepping through a scalar gives null. Only own properties
 * are ever read, so `__proto__` or `constructor` in a path cannot reach a prototype.
 *
 * The search for dotted names is linear in the nodes it visits: an object is reached by one
 * sequence of keys only, hence with one rest of the name.
 */
import { memberOf } from '../model/value-equality.ts';
import { isList, isObject } from '../model/value.ts';
import type { Value, ValueObject } from '../model/value.ts';
import type { FieldPath, FieldStep } from './expression.ts';

export type PathReader = (from: Value) => Value;

/** What `path` finds from an event or list element on. */
export function readPath(from: Value, path: FieldPath): Value {
  return readSteps(from, path, 0);
}

/** As {@link readPath}, compiled: one and two plain segments read without any loop. */
export function compilePath(path: FieldPath): PathReader {
  const [first] = path;
  if (first === undefined) return (from) => from;
  if (path.length > 1) return compileChain(path);
  if (first.by === 'key') return keyReader(first.key);
  if (first.by === 'name') return compileName(first.name);
  return (from) => readSteps(from, path, 0);
}

/** The values that `[*]` walks: list elements or object values; anything else has none. */
export function elementsOf(value: Value): readonly Value[] {
  if (typeof value !== 'object' || value === null) return NOTHING;
  return isList(value) ? value : Object.values(value);
}

const NOTHING: readonly Value[] = [];

function readSteps(from: Value, path: FieldPath, at: number): Value {
  let value = from;
  for (let i = at; i < path.length; i += 1) {
    if (value === null) return null;
    const step = path[i] as FieldStep;
    if (step.by === 'each') return readEach(value, path, i + 1);
    // What stream a value is of is not told here: who knows it takes the step away first.
    if (step.by === 'stream') return null;
    value = readStep(value, step);
  }
  return value;
}

function readEach(value: Value, path: FieldPath, next: number): Value {
  if (typeof value !== 'object') return null;
  return elementsOf(value).map((element) => readSteps(element, path, next));
}

function readStep(value: Value, step: Exclude<FieldStep, { by: 'each' | 'stream' }>): Value {
  if (step.by === 'index') {
    return isList(value) ? (value.at(step.index) ?? null) : null;
  }
  if (!isObject(value)) return null;
  if (step.by === 'key') return memberOf(value, step.key);
  if (step.by === 'name') return readName(value, step.name);
  return withPrefix(value, step.prefix);
}

function withPrefix(value: ValueObject, prefix: string): Value {
  // Object.fromEntries defines own properties, so a key `__proto__` stays a key.
  return Object.fromEntries(Object.entries(value).filter(([key]) => key.startsWith(prefix)));
}

function readName(from: ValueObject, name: string): Value {
  const whole = memberOf(from, name);
  if (whole !== null) return whole;
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const inner = memberOf(from, name.slice(0, dot));
    if (!isObject(inner)) continue;
    const found = readName(inner, name.slice(dot + 1));
    if (found !== null) return found;
  }
  return null;
}

function compileChain(path: FieldPath): PathReader {
  const [first, second] = path;
  if (path.length === 2 && first?.by === 'key' && second?.by === 'key') {
    const outer = keyReader(first.key);
    const inner = keyReader(second.key);
    return (from) => inner(outer(from));
  }
  return (from) => readSteps(from, path, 0);
}

function compileName(name: string): PathReader {
  const dot = name.indexOf('.');
  if (dot < 0) return keyReader(name);
  if (dot > 0 && name.indexOf('.', dot + 1) < 0) return dottedReader(name, dot);
  return (from) => (isObject(from) ? readName(from, name) : null);
}

function dottedReader(name: string, dot: number): PathReader {
  const flat = keyReader(name);
  const outer = keyReader(name.slice(0, dot));
  const inner = keyReader(name.slice(dot + 1));
  return (from) => flat(from) ?? inner(outer(from));
}

/** A plain property read where no prototype has the key: the own-property test would cost 2–3×. */
function keyReader(key: string): PathReader {
  if (key in Object.prototype || key in Array.prototype) {
    return (from) => (isObject(from) ? memberOf(from, key) : null);
  }
  return (from) => {
    if (typeof from !== 'object' || from === null || Array.isArray(from)) return null;
    return (from as ValueObject)[key] ?? null;
  };
}
