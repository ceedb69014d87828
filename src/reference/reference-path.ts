/**
 * Paths read as section "Properties" of docs/language.md tells it, without regard to cost: every
 * way to cut a dotted name is tried in the documented order. Shares no code with `ir/path.ts`.
 */
import { assert } from '../core/assert.ts';
import type { FieldPath, FieldStep } from '../ir/expression.ts';
import type { Value } from '../model/value.ts';

export function walkPath(from: Value, path: FieldPath): Value {
  const [step, ...rest] = path;
  if (step === undefined) return from;
  if (step.by === 'each') {
    const members = membersOf(from);
    return members === null ? null : members.map((member) => walkPath(member, rest));
  }
  assert(step.by !== 'stream', () => 'which stream it is, is known to who reads the event');
  return walkPath(walkStep(from, step), rest);
}

/** List elements or object values; null for anything else. */
export function membersOf(value: Value): readonly Value[] | null {
  if (value === null || typeof value !== 'object') return null;
  return Object.entries(value).map(([, member]: [string, Value]) => member);
}

function walkStep(from: Value, step: Exclude<FieldStep, { by: 'each' | 'stream' }>): Value {
  if (from === null || typeof from !== 'object') return null;
  if (step.by === 'index') {
    if (!Array.isArray(from)) return null;
    const list = from as readonly Value[];
    return list[step.index < 0 ? list.length + step.index : step.index] ?? null;
  }
  if (Array.isArray(from)) return null;
  const members = new Map<string, Value>(Object.entries(from));
  if (step.by === 'key') return members.get(step.key) ?? null;
  if (step.by === 'name') return walkName(from, step.name.split('.'));
  return Object.fromEntries([...members].filter(([key]) => key.startsWith(step.prefix)));
}

function walkName(from: Value, parts: readonly string[]): Value {
  if (parts.length === 0) return from;
  if (from === null || typeof from !== 'object' || Array.isArray(from)) return null;
  const members = new Map<string, Value>(Object.entries(from));
  for (let taken = parts.length; taken > 0; taken -= 1) {
    const member = members.get(parts.slice(0, taken).join('.')) ?? null;
    const found = walkName(member, parts.slice(taken));
    if (found !== null) return found;
  }
  return null;
}
