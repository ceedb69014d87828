/**
 * logfmt: `level=info msg="it works" took=12ms done`. Quoted values are texts with JSON's escapes;
 * bare ones that look like numbers or booleans are those; a key alone is true.
 * @see https://brandur.org/logfmt
 */
import type { Event, Value } from '../../src/model/value.ts';
import type { LineParser } from './contract.ts';

const PAIR = /\s*([^\s="]+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]*))?(?=\s|$)/y;
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i;

export function logfmtParser(timeField: string | null): LineParser {
  return { name: 'logfmt', timeField, timeStepMs: 1, parse: parsePairs };
}

/** Null: some part is no pair, or none has a value. */
function parsePairs(line: string): Event | null {
  const entries: [string, Value][] = [];
  const text = line.trimEnd();
  let valued = false;
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(text);
    if (match === null) return null;
    valued ||= match[2] !== undefined;
    entries.push([match[1] as string, match[2] === undefined ? true : valueOf(match[2])]);
  }
  // fromEntries defines own properties, so a key `__proto__` stays a key.
  return valued ? Object.fromEntries(entries) : null;
}

function valueOf(text: string): Value {
  if (text.startsWith('"')) return unquoted(text);
  if (NUMBER.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text === '' || text === 'null' ? null : text;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}
