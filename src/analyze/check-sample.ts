/**
 * SAMPLE. Samples that keep everything or nothing are plain filters; what lies between needs the
 * agents and cannot run yet.
 */
import type { SampleClause, SampleOptions } from '../../grammar/ast.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { AnalysisContext } from './context.ts';

export type SampleOutcome = 'all' | 'none' | 'unsupported';

const STRATEGIES = ['RANDOM', 'STICKY', 'RPS'];
const FACTOR_DEFAULT = 10_000;
const PERCENT_MAX = 100;

export function checkSample(sample: SampleClause | null, context: AnalysisContext): SampleOutcome {
  if (sample === null) return 'all';
  const outcome =
    sample.options === null
      ? percentOutcome(sample.percent ?? PERCENT_MAX, sample, context)
      : optionsOutcome(sample.options, sample, context);
  if (outcome === 'unsupported') {
    context.report.unsupported(sample.span, 'Sampling a part of the events', 'Leave SAMPLE out.');
  }
  return outcome ?? 'all';
}

/** Null after a mistake, which is reported. */
function percentOutcome(
  percent: number,
  sample: SampleClause,
  context: AnalysisContext,
): SampleOutcome | null {
  if (percent < 0 || percent > PERCENT_MAX) {
    const message = 'a sample is between 0 % and 100 %';
    context.report.add('MQL_BAD_SAMPLE', sample.span, message);
    return null;
  }
  if (percent === PERCENT_MAX) return 'all';
  return percent === 0 ? 'none' : 'unsupported';
}

function optionsOutcome(
  options: SampleOptions,
  sample: SampleClause,
  context: AnalysisContext,
): SampleOutcome | null {
  const { strategy, factor = FACTOR_DEFAULT, threshold = FACTOR_DEFAULT } = options;
  if (strategy === undefined) return 'all';
  const known = strategy.toUpperCase();
  if (!STRATEGIES.includes(known)) {
    const near = suggest(known, STRATEGIES) ?? STRATEGIES.join(', ');
    context.report.add('MQL_BAD_SAMPLE', sample.span, `there is no strategy ${strategy}`, {
      hint: `Strategies: ${near}.`,
    });
    return null;
  }
  if (known === 'RPS') return 'unsupported';
  if (threshold >= factor) return 'all';
  return threshold <= 0 ? 'none' : 'unsupported';
}
