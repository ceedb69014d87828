/**
 * Partials of aggregates to bytes and back, by their shapes. Any range of groups can be written, so
 * that a pane with many groups fits frames of a bounded size. What is read is checked so that no
 * aggregate that merges it can fail or be made to work for long. docs/protocol.md, "Partials
 * frame".
 */
import type { AggregatePartial } from '../aggregate/contract.ts';
import type { PartialPart, PartialShape } from '../aggregate/partial-shape.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readDistinct, readFrequencies, readTextLists } from './partial-text-codec.ts';
import { writeDistinct, writeFrequencies, writeTextLists } from './partial-text-codec.ts';
import { readHistograms, readQuantiles } from './partial-run-codec.ts';
import { writeHistograms, writeQuantiles } from './partial-run-codec.ts';
import { readEvents, readTexts, writeEvents, writeTexts } from './partial-value-codec.ts';
import { readNumbers, writeNumbers } from './number-codec.ts';
import type { GroupRange, PartialReading } from './partial-reading.ts';

type Members = Readonly<Record<string, unknown>>;

export function writePartial(
  writer: ByteWriter,
  shape: PartialShape,
  partial: AggregatePartial,
  range: GroupRange,
): void {
  for (const part of shape.parts) writePart(writer, part, partial as unknown as Members, range);
}

/** Look at the reader's fault before the partial is used. */
export function readPartial(
  reader: ByteReader,
  shape: PartialShape,
  reading: PartialReading,
): AggregatePartial {
  const members: Record<string, unknown> = { kind: shape.kind };
  for (const part of shape.parts) Object.assign(members, readPart(reader, part, reading));
  return members as unknown as AggregatePartial;
}

function writePart(
  writer: ByteWriter,
  part: PartialPart,
  members: Members,
  range: GroupRange,
): void {
  switch (part.form) {
    case 'numbers':
      return writeNumbers(writer, members[part.name] as Float64Array, range);
    case 'texts':
      return writeTexts(writer, members[part.name] as never, range);
    case 'events':
      return writeEvents(writer, members as never, range);
    case 'text-lists':
      return writeTextLists(writer, members[part.name] as never, range);
    case 'distinct':
      return writeDistinct(writer, members[part.name] as never, range);
    case 'frequencies':
      return writeFrequencies(writer, members[part.name] as never, range);
    case 'quantiles':
      return writeQuantiles(writer, members as never, range);
    case 'histograms':
      return writeHistograms(writer, members as never, range);
    case 'nested':
      return writePartial(writer, part.shape, members[part.name] as AggregatePartial, range);
  }
}

function readPart(reader: ByteReader, part: PartialPart, reading: PartialReading): Members {
  const { groups } = reading;
  switch (part.form) {
    case 'numbers':
      return { [part.name]: readNumbers(reader, groups, part.of) };
    case 'texts':
      return { [part.name]: readTexts(reader, groups) };
    case 'events':
      return { ...readEvents(reader, reading) };
    case 'text-lists':
      return { [part.name]: readTextLists(reader, reading) };
    case 'distinct':
      return { [part.name]: readDistinct(reader, reading) };
    case 'frequencies':
      return { [part.name]: readFrequencies(reader, reading) };
    case 'quantiles':
      return { ...readQuantiles(reader, groups) };
    case 'histograms':
      return { ...readHistograms(reader, groups) };
    case 'nested':
      return { [part.name]: readPartial(reader, part.shape, reading) };
  }
}
