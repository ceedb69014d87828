/** Texts that partials hold of each group: values told apart, and how often they came. */
import { REGISTERS } from '../sketch/hyper-log-log.ts';
import type { Frequency } from '../sketch/top-k.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { GroupRange, PartialReading } from './partial-reading.ts';
import { parseJson } from './peer-json.ts';

type TextList = readonly string[] | null;
type DistinctState = readonly string[] | Uint8Array | null;

const NONE = 0;
const TEXTS = 1;
const SKETCH = 2;
/** Highest value of a HyperLogLog register here: 32 bits and one more. */
const RANK_MAX = 33;

export function writeTextLists(
  writer: ByteWriter,
  lists: readonly TextList[],
  { from, to }: GroupRange,
): void {
  for (let g = from; g < to; g++) writeTextList(writer, lists[g] ?? null);
}

export function readTextLists(reader: ByteReader, reading: PartialReading): readonly TextList[] {
  const lists: TextList[] = [];
  for (let g = 0; g < reading.groups && reader.fault === null; g++) {
    lists.push(reader.byte() === NONE ? null : readTextList(reader, reading.depthMax));
  }
  return lists;
}

export function writeDistinct(
  writer: ByteWriter,
  states: readonly DistinctState[],
  { from, to }: GroupRange,
): void {
  for (let g = from; g < to; g++) {
    const state = states[g] ?? null;
    if (state instanceof Uint8Array) {
      writer.byte(SKETCH);
      writer.append(state);
    } else writeTextList(writer, state);
  }
}

export function readDistinct(
  reader: ByteReader,
  { depthMax, groups }: PartialReading,
): readonly DistinctState[] {
  const states: DistinctState[] = [];
  for (let g = 0; g < groups && reader.fault === null; g++) {
    const kind = reader.byte();
    if (kind === SKETCH) states.push(readRegisters(reader));
    else states.push(kind === NONE ? null : readTextList(reader, depthMax));
  }
  return states;
}

export function writeFrequencies(
  writer: ByteWriter,
  states: readonly ({
    readonly frequencies: readonly Frequency[];
    readonly forgottenMax: number;
  } | null)[],
  { from, to }: GroupRange,
): void {
  for (let g = from; g < to; g++) {
    const state = states[g] ?? null;
    writer.byte(state === null ? NONE : SKETCH);
    if (state === null) continue;
    writer.whole(state.forgottenMax);
    writer.whole(state.frequencies.length);
    for (const { text, count, error } of state.frequencies) {
      writer.text(text);
      writer.whole(count);
      writer.whole(error);
    }
  }
}

export function readFrequencies(
  reader: ByteReader,
  { depthMax, groups }: PartialReading,
): readonly ({
  readonly frequencies: readonly Frequency[];
  readonly forgottenMax: number;
} | null)[] {
  const states: ReturnType<typeof readFrequencies>[number][] = [];
  for (let g = 0; g < groups && reader.fault === null; g++) {
    if (reader.byte() === NONE) {
      states.push(null);
      continue;
    }
    const forgottenMax = reader.whole();
    const length = reader.count(3);
    const frequencies: Frequency[] = [];
    for (let i = 0; i < length && reader.fault === null; i++) {
      const text = readIdentity(reader, depthMax);
      frequencies.push({ text, count: reader.whole(), error: reader.whole() });
    }
    states.push({ frequencies, forgottenMax });
  }
  return states;
}

function writeTextList(writer: ByteWriter, list: TextList): void {
  writer.byte(list === null ? NONE : TEXTS);
  if (list === null) return;
  writer.whole(list.length);
  for (const text of list) writer.text(text);
}

function readTextList(reader: ByteReader, depthMax: number): readonly string[] {
  const length = reader.count();
  const texts: string[] = [];
  for (let i = 0; i < length && reader.fault === null; i++) {
    texts.push(readIdentity(reader, depthMax));
  }
  return texts;
}

/** See `aggregate/identity-text.ts`: what does not stand for a string is JSON, and is parsed. */
function readIdentity(reader: ByteReader, depthMax: number): string {
  const text = reader.text();
  if (!text.startsWith('"') && parseJson(text, depthMax) === undefined) {
    reader.fail('a text that stands for no value');
  }
  return text;
}

function readRegisters(reader: ByteReader): Uint8Array {
  const registers = new Uint8Array(reader.raw(REGISTERS));
  if (registers.some((rank) => rank > RANK_MAX)) reader.fail('a register beyond its range');
  return registers;
}
