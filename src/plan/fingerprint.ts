/**
 * Names a plan by what it does: 128 bits of hash over the plan as canonical JSON (keys sorted, so
 * the order in which objects were built does not count), without the text of the query that first
 * asked. Two independent 64-bit FNV-1a streams over UTF-16 code units, finished with the mixer of
 * MurmurHash3; collisions are improbable, not impossible, so it is no protection against malice.
 */
import type { LogicalPlan } from './logical-plan.ts';
import { PLAN_VERSION } from '../ir/plan.ts';

export function fingerprintOf(plan: LogicalPlan): string {
  // Declared types come from what the catalogue happens to know; they change no row.
  const columns = plan.final.columns.map(({ type: _type, ...rest }) => rest);
  const hashed = { ...plan, final: { ...plan.final, columns } };
  return hash128(`${PLAN_VERSION}:${canonicalJson(hashed)}`);
}

/** JSON with the keys of every object in code-unit order. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** 32 lower-case hexadecimal digits. */
export function hash128(text: string): string {
  return [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]
    .map((seed) => hash32(text, seed).toString(16).padStart(8, '0'))
    .join('');
}

const FNV_PRIME = 0x01000193;

function hash32(text: string, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = Math.imul(hash ^ (unit >>> 8) ^ (hash >>> 15), FNV_PRIME);
  }
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
