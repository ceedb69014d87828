/**
 * Silences as people ask for them: over the API, from the command line, in Alertmanager's shape.
 */
import type { Config } from '../../config.ts';
import { err, ok } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import { durationFrom } from '../receivers/field-reader.ts';
import { checkedMatcher, parseMatcher } from './matcher.ts';
import type { Matcher, MatchOperator } from './matcher.ts';
import { mutesEverything } from './silence.ts';
import type { Silence } from './silence.ts';

const MATCHERS_MAX = 50;
const COMMENT_MAX = 2_000;
const DURATION_MS_MAX = 366 * 86_400_000;

export interface SilenceParts {
  readonly id: string;
  readonly nowMs: number;
  readonly config: Config;
  /** One of that id is changed. */
  readonly known: Silence | null;
  /** Who asks, if the request does not say for whom. */
  readonly by: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** `{matchers: ['region = eu'], for: '2h' | endsAt, startsAt?, author?, comment}`. */
export function silenceFrom(body: Fields, parts: SilenceParts): Result<Silence, string> {
  const matchers = matchersFrom(body['matchers']);
  if (!matchers.ok) return matchers;
  const startsAtMs = timeOf(body['startsAt']) ?? parts.nowMs;
  const lengthMs = typeof body['for'] === 'string' ? durationFrom(body['for']) : null;
  if (body['for'] !== undefined && lengthMs === null) return err('`for` is a duration such as 2h');
  const endsAtMs = lengthMs === null ? timeOf(body['endsAt']) : startsAtMs + lengthMs;
  if (endsAtMs === null) return err('say how long: `for` is a duration such as 2h');
  const author = body['author'] ?? body['createdBy'] ?? parts.by;
  return checkedSilence({ matchers: matchers.value, startsAtMs, endsAtMs }, body, {
    ...parts,
    by: typeof author === 'string' && author !== '' ? author : parts.by,
  });
}

/** Matchers as texts, or as Alertmanager's objects. */
export function matchersFrom(value: unknown): Result<readonly Matcher[], string> {
  if (!Array.isArray(value) || value.length === 0 || value.length > MATCHERS_MAX) {
    return err(`\`matchers\` is a list of 1 to ${MATCHERS_MAX}, such as ["region = eu-west"]`);
  }
  const matchers: Matcher[] = [];
  for (const item of value) {
    const matcher = typeof item === 'string' ? parseMatcher(item) : matcherFrom(item as Fields);
    if (!matcher.ok) return matcher;
    matchers.push(matcher.value);
  }
  return ok(matchers);
}

function matcherFrom(item: Fields | null): Result<Matcher, string> {
  const { name, value, isRegex = false, isEqual = true } = item ?? {};
  if (typeof name !== 'string' || name === '' || typeof value !== 'string') {
    return err('a matcher has a `name` and a `value`');
  }
  const operator = `${isEqual === false ? '!' : '='}${isRegex === true ? '~' : isEqual === false ? '=' : ''}`;
  return checkedMatcher({ name, value, operator: operator as MatchOperator });
}

function checkedSilence(
  { matchers, startsAtMs, endsAtMs }: Pick<Silence, 'matchers' | 'startsAtMs' | 'endsAtMs'>,
  body: Fields,
  { id, nowMs, known, by }: SilenceParts,
): Result<Silence, string> {
  const { comment } = body;
  if (mutesEverything(matchers)) return err('it would mute every alert: name a label');
  if (endsAtMs <= startsAtMs) return err('it ends before it begins');
  if (endsAtMs <= nowMs) return err('it would have ended already');
  if (endsAtMs - startsAtMs > DURATION_MS_MAX) return err('it is longer than a year');
  if (typeof comment !== 'string' || comment.trim() === '') {
    return err('`comment` is missing: why is it silenced?');
  }
  if (comment.length > COMMENT_MAX) return err(`\`comment\` has ${COMMENT_MAX} characters at most`);
  return ok({
    id,
    matchers,
    startsAtMs,
    endsAtMs,
    author: by.slice(0, 200),
    comment,
    createdAtMs: known?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
    mutedAtMs: null,
  });
}

function timeOf(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs;
}
