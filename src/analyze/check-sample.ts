/**
 * SAMPLE as a specification: percentages and options become a share, keys and a salt. A sample that
 * keeps everything is none.
 */
import type { SampleClause, SampleOptions } from '../../grammar/ast.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { SampleSpec } from '../ir/plan.ts';
import { numberText } from '../model/value-text.ts';
import type { AnalysisContext } from './context.ts';

const STRATEGIES = ['RANDOM', 'STICKY', 'RPS'];
const FACTOR_DEFAULT = 10_000;
const SALT_DEFAULT = 0;
const PERCENT_MAX = 100;

/** Null: takes everything, or has a mistake, which is reported. */
export function checkSample(
  sample: SampleClause | null,
  context: AnalysisContext,
): SampleSpec | null {
  if (sample === null) return null;
  return sample.options === null
    ? fromPercent(sample.percent ?? PERCENT_MAX, sample, context)
    : fromOptions(sample.options, sample, context);
}

function fromPercent(
  percent: number,
  sample: SampleClause,
  context: AnalysisContext,
): SampleSpec | null {
  if (percent < 0 || percent > PERCENT_MAX) {
    const message = 'a sample is between 0 % and 100 %';
    context.report.add('MQL_BAD_SAMPLE', sample.span, message);
    return null;
  }
  if (percent === PERCENT_MAX) return null;
  const salt = numberText(SALT_DEFAULT);
  return { kind: 'random', threshold: percent, factor: PERCENT_MAX, salt, extrapolate: false };
}

function fromOptions(
  options: SampleOptions,
  sample: SampleClause,
  context: AnalysisContext,
): SampleSpec | null {
  const { strategy, factor = FACTOR_DEFAULT, threshold = FACTOR_DEFAULT } = options;
  if (strategy === undefined) return null;
  const { keys = [], salt = SALT_DEFAULT, extrapolate = false, separator = false } = options;
  const share = {
    threshold,
    factor,
    salt: typeof salt === 'number' ? numberText(salt) : salt,
    extrapolate,
  };
  switch (strategy.toUpperCase()) {
    case 'RANDOM':
      return threshold >= factor ? null : { kind: 'random', ...share };
    case 'STICKY':
      if (threshold >= factor) return null;
      if (keys.length === 0) reportKeys(sample, context);
      return { kind: 'sticky', ...share, keys, separator };
    case 'RPS':
      return fromRate(options, sample, context);
    default:
      reportStrategy(strategy, sample, context);
      return null;
  }
}

/** `threshold` events a second over the whole fleet; `factor` means nothing here. */
function fromRate(
  { extrapolate = false, threshold }: SampleOptions,
  sample: SampleClause,
  context: AnalysisContext,
): SampleSpec | null {
  const { report } = context;
  if (threshold === undefined || !Number.isInteger(threshold) || threshold < 1) {
    const message = 'RPS takes a whole number of events a second, at least 1';
    const hint = 'Name it: `"threshold": 200`.';
    report.add('MQL_BAD_SAMPLE', sample.span, message, { hint });
    return null;
  }
  return { kind: 'rps', perSecond: threshold, share: threshold, extrapolate };
}

function reportKeys(sample: SampleClause, context: AnalysisContext): void {
  const message = 'STICKY picks by properties, and there are none';
  const hint = 'Name them: `"keys": ["session"]`.';
  context.report.add('MQL_BAD_SAMPLE', sample.span, message, { hint });
}

function reportStrategy(strategy: string, sample: SampleClause, context: AnalysisContext): void {
  const near = suggest(strategy.toUpperCase(), STRATEGIES) ?? STRATEGIES.join(', ');
  context.report.add('MQL_BAD_SAMPLE', sample.span, `there is no strategy ${strategy}`, {
    hint: `Strategies: ${near}.`,
  });
}
