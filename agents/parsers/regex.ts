/**
 * Lines by a regular expression with named groups, run on a linear-time engine: a line that
 * somebody else wrote cannot hang the agent. Groups that look like numbers are numbers.
 */
import { err, ok } from '../../src/core/result.ts';
import type { Result } from '../../src/core/result.ts';
import { RE2JS } from 're2js';
import type { Value } from '../../src/model/value.ts';
import type { LineParser } from './contract.ts';

const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/;
const TIME_NAMES = ['time', 'ts', 'timestamp', 'msec'];

/** The error is a sentence for whoever wrote the pattern. */
export function regexParser(pattern: string): Result<LineParser, string> {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  const names = Object.keys(compiled.namedGroups());
  if (names.length === 0) return err('name the parts to keep: (?P<status>\\d+)');
  return ok({
    name: 'regex',
    timeField: TIME_NAMES.find((name) => names.includes(name)) ?? null,
    timeStepMs: 1,
    parse: (line) => {
      const matcher = compiled.matcher(line);
      if (!matcher.find()) return null;
      const groups = names.map((name): [string, Value] => [name, valueOf(matcher.group(name))]);
      return Object.fromEntries(groups);
    },
  });
}

function valueOf(text: string | null): Value {
  if (text === null) return null;
  return NUMBER.test(text) ? Number(text) : text;
}
