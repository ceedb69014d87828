/** `--param name=value`: the value is JSON if it reads as JSON, else text. */
import type { Value } from '../model/value.ts';

export function readParameters(texts: Readonly<Record<string, string>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, read(text)]));
}

function read(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // Plain words need no quotes on a command line.
    return text;
  }
}
