/** Values of the language in partials: group keys, the texts of MIN and MAX, events of FIRST. */
import type { Value } from '../model/value.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { isTime } from './frame-reader.ts';
import { readNumbers, writeNumbers } from './number-codec.ts';
import type { GroupRange, PartialReading } from './partial-reading.ts';
import { parseJson } from './peer-json.ts';

const TAG = { null: 0, false: 1, true: 2, number: 3, text: 4, json: 5 } as const;

export function writeValue(writer: ByteWriter, value: Value): void {
  if (value === null) writer.byte(TAG.null);
  else if (typeof value === 'boolean') writer.byte(value ? TAG.true : TAG.false);
  else if (typeof value === 'number') {
    writer.byte(TAG.number);
    writer.float(value);
  } else if (typeof value === 'string') {
    writer.byte(TAG.text);
    writer.text(value);
  } else {
    writer.byte(TAG.json);
    writer.text(JSON.stringify(value));
  }
}

export function readValue(reader: ByteReader, depthMax: number): Value {
  switch (reader.byte()) {
    case TAG.null:
      return null;
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.number: {
      const value = reader.float();
      if (!Number.isFinite(value)) reader.fail('a number that is not finite');
      return value;
    }
    case TAG.text:
      return reader.text();
    case TAG.json: {
      const value = parseJson(reader.text(), depthMax);
      if (typeof value !== 'object' || value === null) reader.fail('JSON of no list or object');
      return (value ?? null) as Value;
    }
    default:
      reader.fail('a value of an unknown kind');
      return null;
  }
}

type Texts = readonly (string | null)[];

export function writeTexts(writer: ByteWriter, texts: Texts, { from, to }: GroupRange): void {
  const length = Math.max(0, Math.min(to, texts.length) - from);
  writer.whole(length);
  for (let g = from; g < from + length; g++) writeValue(writer, texts[g] ?? null);
}

export function readTexts(reader: ByteReader, groups: number): Texts {
  const length = reader.count();
  if (length > groups) reader.fail('more texts than groups');
  const texts: (string | null)[] = [];
  for (let g = 0; g < length && reader.fault === null; g++) {
    const text = readValue(reader, 0);
    if (text !== null && typeof text !== 'string') reader.fail('a text expected');
    texts.push(text as string | null);
  }
  return texts;
}

interface Events {
  readonly times: Float64Array;
  readonly sequences: Float64Array;
  readonly agents: readonly string[];
  readonly values: readonly Value[];
}

export function writeEvents(writer: ByteWriter, events: Events, range: GroupRange): void {
  writeNumbers(writer, events.times, range);
  writeNumbers(writer, events.sequences, range);
  for (let g = range.from; g < range.to; g++) writeValue(writer, events.values[g] ?? null);
}

export function readEvents(reader: ByteReader, reading: PartialReading): Events {
  const { agentId, depthMax, groups } = reading;
  const times = readNumbers(reader, groups, 'any');
  for (const timeMs of times) {
    if (!Number.isNaN(timeMs) && !isTime(timeMs)) reader.fail('an event time that is not a time');
  }
  const sequences = readNumbers(reader, groups, 'count');
  const values: Value[] = [];
  const agents: string[] = [];
  for (let g = 0; g < groups && reader.fault === null; g++) {
    values.push(readValue(reader, depthMax));
    agents.push(agentId);
  }
  return { times, sequences, agents, values };
}
