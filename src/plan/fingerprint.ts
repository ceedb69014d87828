/**
 * Names a plan by what it does: 128 bits of hash over the plan as canonical JSON (keys sorted, so
 * the order in which objects were built does not count), without the text of the query that first
 * asked. Four streams of 32 bits in the manner of FNV-1a over UTF-16 code units, each finished with
 * the mixer of MurmurHash3; collisions are improbable, not impossible, so it is no protection
 * against malice. AND and OR say the same in any order, and share one name.
 */
import type { LogicalPlan } from './logical-plan.ts';
import { PLAN_VERSION } from '../ir/plan.ts';

export function fingerprintOf(plan: LogicalPlan): string {
  // Declared types come from what the catalogue happens to know; they change no row.
  const columns = plan.final.columns.map(({ type: _type, ...rest }) => rest);
  // What is shipped is a set.
  const fields = plan.source.fields.map((path) => canonicalJson(path)).sort();
  const source = { ...plan.source, fields };
  const hashed = { ...plan, source, final: { ...plan.final, columns } };
  return hash128(`${PLAN_VERSION}:${canonicalJson(hashed, true)}`);
}

/**
 * JSON with the keys of every object in code-unit order. In a plan the operands of AND and OR are
 * in the order of their texts, too; not so in its literals, which are data. Bench: bench/parse.ts.
 */
export function canonicalJson(value: unknown, isPlan = false): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonicalJson(item, isPlan)}`;
    return `[${text}]`;
  }
  const members = value as Readonly<Record<string, unknown>>;
  const { op } = members;
  if (isPlan && op === 'literal') return canonicalJson(members);
  if (isPlan && CHAINS.has(op)) return chainJson(members);
  return membersJson(members, isPlan);
}

const CHAINS: ReadonlySet<unknown> = new Set(['and', 'or']);

function membersJson(members: Readonly<Record<string, unknown>>, isPlan: boolean): string {
  let text = '';
  for (const key of Object.keys(members).sort()) {
    // The names of a plan's own members need no escaping.
    const name = PLAIN.test(key) ? `"${key}":` : `${JSON.stringify(key)}:`;
    text += `${text === '' ? '' : ','}${name}${canonicalJson(members[key], isPlan)}`;
  }
  return `{${text}}`;
}

function chainJson({ op, args }: Readonly<Record<string, unknown>>): string {
  const texts = (args as readonly unknown[]).map((arg) => canonicalJson(arg, true));
  return `{"args":[${texts.sort().join(',')}],"op":"${String(op)}"}`;
}

const PLAIN = /^\w+$/;

/** 32 lower-case hexadecimal digits. */
export function hash128(text: string): string {
  return hash64(text, 0x811c9dc5, 0x01000193) + hash64(text, 0x9e3779b9, 0x85ebca6b);
}

const FNV_PRIME = 0x01000193;

/** Two streams side by side, 16 hexadecimal digits: reading the text costs more than hashing it. */
function hash64(text: string, seedA: number, seedB: number): string {
  let a = seedA | 0;
  let b = seedB | 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit ^ (a >>> 15), FNV_PRIME);
    b = Math.imul(b ^ unit ^ (b >>> 15), FNV_PRIME);
  }
  return finished(a, text.length) + finished(b, text.length);
}

/** MurmurHash3's finalizer. */
function finished(hash: number, length: number): string {
  let mixed = hash ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
