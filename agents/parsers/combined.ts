/**
 * The access-log formats that are recognised without being told: nginx' and Apache's combined and
 * common, and combined with `$msec` and `$request_time` behind, in either order or alone. The one
 * that docs/agents.md recommends for nginx is the first.
 */
import type { LineParser } from './contract.ts';
import { logFormatParser } from './log-format.ts';

const COMMON = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent';
const COMBINED = `${COMMON} "$http_referer" "$http_user_agent"`;

/** Longest first, so that a line is read by the format that explains all of it. */
const FORMATS: readonly (readonly [string, string])[] = [
  ['combined with $msec $request_time', `${COMBINED} $msec $request_time`],
  ['combined with $request_time $msec', `${COMBINED} $request_time $msec`],
  ['combined with $msec', `${COMBINED} $msec`],
  ['combined with $request_time', `${COMBINED} $request_time`],
  ['combined with "$http_x_forwarded_for"', `${COMBINED} "$http_x_forwarded_for"`],
  ['combined', COMBINED],
  ['common', COMMON],
];

/** Below this a number is a duration in seconds, above it a time in seconds since 1970. */
const SECONDS_SINCE_1970_MIN = 1e8;

/** The parser of the first format that reads the line; null: it is no access log. */
export function combinedParser(line: string): LineParser | null {
  for (const [name, format] of FORMATS) {
    const parser = logFormatParser(name, format);
    const event = parser?.parse(line) ?? null;
    if (parser === null || event === null) continue;
    const seconds = event['request_time'];
    if (typeof seconds === 'number' && seconds >= SECONDS_SINCE_1970_MIN) continue;
    const time = event['time'];
    if (typeof time === 'number' && time < SECONDS_SINCE_1970_MIN * 1_000) continue;
    return parser;
  }
  return null;
}
