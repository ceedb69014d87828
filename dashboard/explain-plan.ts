/** The rows of EXPLAIN ANALYZE put together: what is said of the whole, then stage after stage. */
import type { ValueObject } from '../src/model/value.ts';
import { safeText } from './format.ts';

export interface PlanStage {
  readonly name: string;
  /** What it does, a line each, as the planner says it. */
  readonly lines: readonly string[];
  readonly in: number | null;
  readonly out: number | null;
  readonly inPerSecond: number | null;
  readonly outPerSecond: number | null;
  readonly bytes: number | null;
  readonly note: string;
}

export interface PlanPicture {
  readonly facts: readonly string[];
  readonly stages: readonly PlanStage[];
}

/** Lines of one stage, and stages, that are drawn. */
const LINES_MAX = 40;
const STAGES_MAX = 20;

export function planFrom(rows: readonly ValueObject[]): PlanPicture {
  const facts: string[] = [];
  const stages: (PlanStage & { readonly lines: string[] })[] = [];
  for (const row of rows) {
    const text = typeof row['plan'] === 'string' ? row['plan'] : '';
    if ('in' in row) {
      stages.push({
        name: safeText(text, 60),
        lines: [],
        in: numberOrNull(row['in']),
        out: numberOrNull(row['out']),
        inPerSecond: numberOrNull(row['in_per_second']),
        outPerSecond: numberOrNull(row['out_per_second']),
        bytes: numberOrNull(row['bytes']),
        note: typeof row['note'] === 'string' ? safeText(row['note'], 200) : '',
      });
    } else if (/^[├└│ ]/.test(text) && stages.length > 0) {
      const { lines } = stages[stages.length - 1]!;
      if (lines.length < LINES_MAX) lines.push(safeText(text.replace(/^[├└]─ /, ''), 300));
    } else {
      facts.push(safeText(text, 300));
    }
  }
  return { facts: facts.slice(0, LINES_MAX), stages: stages.slice(0, STAGES_MAX) };
}

/**
 * From the lines of EXPLAIN: `plays ≈ 276 events/s, 8 agents · counted there, no event is
 * shipped`. Empty: the planner expects nothing.
 */
export function estimateFrom(rows: readonly ValueObject[]): string {
  const lines = rows.map((row) => (typeof row['plan'] === 'string' ? row['plan'] : ''));
  const after = (word: string): string => {
    const line = lines.find((one) => one.includes(`─ ${word}: `)) ?? '';
    return safeText(line.slice(line.indexOf(': ') + 2), 160);
  };
  const estimate = lines.some((line) => line.includes('─ estimate: ')) ? after('estimate') : '';
  if (estimate === '') return '';
  const rounded = estimate
    .replaceAll(' about ', ' ≈ ')
    .replace(/\d+\.\d+/g, (digits) => String(Math.round(Number(digits))));
  const isThere = lines.some((line) => line.includes('─ aggregates: by itself'));
  const fields = after('ships');
  const how = isThere
    ? 'counted there, no event is shipped'
    : `ships ${fields === '' ? 'no field' : fields}`;
  return `${rounded} · ${how}`;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
