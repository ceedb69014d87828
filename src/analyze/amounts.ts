/** Quantities of clauses: durations and counts, written out or bound as parameters. */
import type { Amount, DurationUnit } from '../../grammar/ast.ts';
import type { AnalysisCode } from './codes.ts';
import type { AnalysisContext } from './context.ts';

const UNIT_MS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export interface DurationRule {
  /** What is measured, for messages: `a window`. */
  readonly what: string;
  readonly code: AnalysisCode;
  readonly minMs: number;
  readonly maxMs: number;
  /** What a bare number counts; null: a unit is needed. */
  readonly bareUnitMs: number | null;
}

/** Whole milliseconds, or null after a mistake, which is reported. */
export function readDuration(
  amount: Amount,
  rule: DurationRule,
  context: AnalysisContext,
): number | null {
  const { report } = context;
  const ms = durationOf(amount, rule, context);
  if (ms === 'missing') return null;
  if (ms === 'no-unit') {
    const message = `${rule.what} needs a unit`;
    report.add(rule.code, amount.span, message, { hint: 'For example `5s` or `500ms`.' });
    return null;
  }
  if (ms === 'not-a-duration') {
    report.add('MQL_PARAMETER_TYPE', amount.span, `${rule.what} must be a duration`, {
      hint: 'Bind a number of seconds or a text such as 10s.',
    });
    return null;
  }
  if (!Number.isInteger(ms)) {
    report.add(rule.code, amount.span, `${rule.what} is a whole number of milliseconds`);
    return null;
  }
  if (ms < rule.minMs || ms > rule.maxMs) {
    const range = `at least ${durationText(rule.minMs)} and at most ${durationText(rule.maxMs)}`;
    report.add(rule.code, amount.span, `${rule.what} is ${range}`);
    return null;
  }
  return ms;
}

/** A whole number ≥ `min`, or null after a mistake, which is reported. */
export function readCount(
  amount: Amount,
  rule: { readonly what: string; readonly code: AnalysisCode; readonly min: number },
  context: AnalysisContext,
): number | null {
  let value: unknown = null;
  if (amount.kind === 'number') ({ value } = amount);
  if (amount.kind === 'parameter') {
    if (!context.parameters.has(amount.name)) {
      context.parameters.value(amount.name, amount.span);
      return null;
    }
    value = context.parameters.value(amount.name, amount.span);
  }
  if (Number.isSafeInteger(value) && (value as number) >= rule.min) return value as number;
  const message = `${rule.what} is a whole number of at least ${rule.min}`;
  context.report.add(rule.code, amount.span, message);
  return null;
}

/** The shortest exact way to write a duration, e.g. `90s`, `10m`. */
export function durationText(ms: number): string {
  const units: readonly DurationUnit[] = ['w', 'd', 'h', 'm', 's'];
  const unit = ms === 0 ? 's' : (units.find((one) => ms % UNIT_MS[one] === 0) ?? 'ms');
  return `${ms / UNIT_MS[unit]}${unit}`;
}

function durationOf(
  amount: Amount,
  rule: DurationRule,
  context: AnalysisContext,
): number | 'missing' | 'no-unit' | 'not-a-duration' {
  const { bareUnitMs } = rule;
  if (amount.kind === 'duration') return amount.valueMs;
  if (amount.kind === 'number') return bareUnitMs === null ? 'no-unit' : amount.value * bareUnitMs;
  const value = context.parameters.value(amount.name, amount.span);
  if (value === null) return 'missing';
  if (typeof value === 'number') return bareUnitMs === null ? 'no-unit' : value * bareUnitMs;
  if (typeof value !== 'string') return 'not-a-duration';
  const parts = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)$/.exec(value.trim());
  if (parts === null) return 'not-a-duration';
  return Number(parts[1]) * UNIT_MS[parts[2] as DurationUnit];
}
