/**
 * Label matchers as Prometheus and Alertmanager write them: `name = value`, `!=`, `=~`, `!~`. A
 * label that an alert lacks counts as the empty text. Regular expressions match the whole value, in
 * linear time.
 */
import { err, ok } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import { compileRegex } from '../../expr/regex.ts';

export type Labels = Readonly<Record<string, string>>;
export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

const MATCHER = /^\s*([A-Za-z_][\w.:-]*)\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/;

/** `region =~ "eu-.*"`; the quotes may be left out. */
export function parseMatcher(text: string): Result<Matcher, string> {
  const match = MATCHER.exec(text);
  if (match === null) return err(`\`${text}\` is no matcher such as region = "eu-west"`);
  const [, name = '', operator = '=', raw = ''] = match;
  const value = unquoted(raw);
  if (value === null) return err(`the quotes of \`${raw}\` do not end`);
  return checkedMatcher({ name, operator: operator as MatchOperator, value });
}

export function checkedMatcher(matcher: Matcher): Result<Matcher, string> {
  if (!isRegex(matcher.operator)) return ok(matcher);
  const regex = compileRegex(matcher.value);
  if (regex.ok) return ok(matcher);
  return err(`the pattern \`${matcher.value}\` is no regular expression: ${regex.error.message}`);
}

export function matcherText({ name, operator, value }: Matcher): string {
  return `${name}${operator}${JSON.stringify(value)}`;
}

/** All of them match; none at all match everything. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matches(matcher, labels)) return false;
  return true;
}

function matches({ name, operator, value }: Matcher, labels: Labels): boolean {
  const label = Object.hasOwn(labels, name) ? (labels[name] as string) : '';
  switch (operator) {
    case '=':
      return label === value;
    case '!=':
      return label !== value;
    case '=~':
      return matchesPattern(value, label);
    case '!~':
      return !matchesPattern(value, label);
  }
}

function matchesPattern(pattern: string, label: string): boolean {
  const regex = compileRegex(pattern);
  // Matchers are checked where they enter, so a pattern that does not compile does not occur.
  return regex.ok && regex.value.full(label);
}

function isRegex(operator: MatchOperator): boolean {
  return operator === '=~' || operator === '!~';
}

function unquoted(raw: string): string | null {
  if (!raw.startsWith('"')) return raw;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'string' ? value : null;
  } catch {
    // An open quote, or text after the closing one.
    return null;
  }
}
