/**
 * How much one plan is: its parts, which bound what evaluating an event for it costs. Plans come
 * from an engine that a service need not trust with its time.
 */
import type { AgentQuery } from '../src/wire/agent-messages.ts';

export function planNodes({ aggregation, source }: AgentQuery): number {
  return partsOf(source) + (aggregation === null ? 0 : partsOf(aggregation.stage));
}

/** Objects and lists; the depth of what arrives is bounded by its check. */
function partsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let parts = 1;
  for (const member of Object.values(value)) parts += partsOf(member);
  return parts;
}
