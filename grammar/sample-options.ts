/**
 * The options of `SAMPLE { … }` (section 8 of the language contract): which keys there are, what
 * each takes, and did-you-mean for the others. Case of the strategy is free; the tree has it in
 * capitals.
 */
import type { SampleOptions } from './ast.ts';
import type { BuildContext } from './build-context.ts';
import type { JsonEntry, JsonObjectText, JsonValue } from './json-object.ts';
import { suggest } from './suggest.ts';

export const SAMPLE_STRATEGIES: readonly string[] = ['RANDOM', 'STICKY', 'RPS'];

interface OptionRule {
  readonly expects: string;
  /** The value as the tree has it, or undefined if it cannot stand. */
  read(value: JsonValue): JsonValue | undefined;
}

const RULES: Readonly<Record<keyof SampleOptions, OptionRule>> = {
  strategy: {
    expects: `one of ${SAMPLE_STRATEGIES.join(', ')}`,
    read(value) {
      const name = typeof value === 'string' ? value.toUpperCase() : '';
      return SAMPLE_STRATEGIES.includes(name) ? name : undefined;
    },
  },
  threshold: { expects: 'a number of at least 0', read: (value) => numberFrom(value, 0) },
  factor: { expects: 'a whole number of at least 1', read: (value) => wholeFrom(value) },
  keys: {
    expects: 'a list of property names, each a string',
    read: (value) => (isStringList(value) ? value : undefined),
  },
  salt: {
    expects: 'a number or a string',
    read: (value) => (typeof value === 'string' || typeof value === 'number' ? value : undefined),
  },
  extrapolate: { expects: 'true or false', read: booleanFrom },
  separator: { expects: 'true or false', read: booleanFrom },
};

/** The order in which the printer writes them. */
export const SAMPLE_KEYS: readonly (keyof SampleOptions)[] = [
  'strategy',
  'threshold',
  'factor',
  'keys',
  'salt',
  'extrapolate',
  'separator',
];

export function buildSampleOptions(json: JsonObjectText, context: BuildContext): SampleOptions {
  const options: Partial<Record<keyof SampleOptions, JsonValue>> = {};
  for (const entry of json.entries) {
    if (!isOption(entry.key)) {
      reportUnknown(entry, context);
      continue;
    }
    const rule = RULES[entry.key];
    const value = rule.read(entry.value);
    if (value !== undefined) {
      options[entry.key] = value;
      continue;
    }
    context.report({
      code: 'MQL_SAMPLE',
      message: `The option ${entry.key} of SAMPLE takes ${rule.expects}`,
      span: entry.valueSpan,
      hint: strategyHint(entry),
    });
  }
  return options as SampleOptions;
}

function isOption(key: string): key is keyof SampleOptions {
  return Object.hasOwn(RULES, key);
}

function reportUnknown(entry: JsonEntry, context: BuildContext): void {
  const meant = suggest(entry.key, SAMPLE_KEYS);
  context.report({
    code: 'MQL_SAMPLE',
    message: 'SAMPLE has no such option',
    span: entry.keySpan,
    hint: meant === null ? `The options are ${SAMPLE_KEYS.join(', ')}` : `Did you mean ${meant}?`,
    fixes:
      meant === null
        ? undefined
        : [{ title: `Write ${meant}`, span: entry.keySpan, text: JSON.stringify(meant) }],
  });
}

function strategyHint(entry: JsonEntry): string {
  const example = 'For example SAMPLE {"strategy": "RANDOM", "threshold": 200}';
  if (entry.key !== 'strategy' || typeof entry.value !== 'string') return example;
  const meant = suggest(entry.value.toUpperCase(), SAMPLE_STRATEGIES);
  return meant === null ? example : `Did you mean ${meant}?`;
}

function numberFrom(value: JsonValue, min: number): number | undefined {
  const valid = typeof value === 'number' && Number.isFinite(value) && value >= min;
  return valid ? value : undefined;
}

function wholeFrom(value: JsonValue): number | undefined {
  return Number.isSafeInteger(value) ? numberFrom(value, 1) : undefined;
}

function booleanFrom(value: JsonValue): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function isStringList(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
