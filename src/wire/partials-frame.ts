/**
 * Partials frames: what an agent aggregated by itself, as deltas. A frame holds, for some queries
 * of one stream, states of panes since the last frame that spoke of them; the receiver adds them to
 * what it has. Frames are numbered with the event frames, so a delta is added once.
 * docs/protocol.md, "Partials frame", describes the same bytes in words.
 *
 *     header 64 | stream | deltas: query, length, losses, panes: start, counts, keys, states …
 */
import type { GroupPartial } from '../aggregate/group-partial.ts';
import type { PartialShape } from '../aggregate/partial-shape.ts';
import type { Config } from '../config.ts';
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { Value } from '../model/value.ts';
import { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { EventFrameHeader } from './event-batch-header.ts';
import { FRAME_KIND_PARTIALS, FRAME_MAGIC, FRAME_VERSION } from './frame-layout.ts';
import { HEADER, HEADER_BYTES } from './frame-layout.ts';
import { isTime, readCommonHeader } from './frame-reader.ts';
import { readNumbers, writeNumbers } from './number-codec.ts';
import { readPartial, writePartial } from './partial-codec.ts';
import type { GroupRange, PartialReading } from './partial-reading.ts';
import { readValue, writeValue } from './partial-value-codec.ts';
import { badFrame } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

/** Part of one pane of one query, for which the sender has counted since it last spoke of it. */
export interface PaneDelta {
  readonly paneStartMs: number;
  /** Events looked at. */
  readonly seen: number;
  readonly matched: number;
  /** Null: no event matched. */
  readonly groups: GroupPartial | null;
}

export interface QueryDelta {
  readonly query: string;
  /** Matching events that the sender lost since it last said so, by reason. */
  readonly losses: readonly (readonly [reason: string, events: number])[];
  readonly panes: readonly PaneDelta[];
}

/** What makes up the states of one query. */
export interface DeltaShape {
  readonly keys: number;
  readonly aggregates: readonly PartialShape[];
}

export interface PartialsFrame {
  readonly header: Omit<EventFrameHeader, 'rows' | 'firstSequence'>;
  readonly deltas: readonly QueryDelta[];
}

const REASONS_MAX = 64;
/** Smallest pane: start, two counts, number of groups. */
const PANE_BYTES_MIN = 11;
/** Smallest delta: name, length, two counts. */
const DELTA_BYTES_MIN = 7;

// ---- Writing -----------------------------------------------------------------------------------

/** What a sender puts together before it knows the frame's sequence. */
export interface WrittenDelta {
  readonly delta: QueryDelta;
  readonly shape: DeltaShape;
  /** Of the pane's groups, if there is exactly one pane; absent: all groups of all panes. */
  readonly range?: GroupRange;
}

/** Everything behind the header. The caller owns it. */
export function encodeDeltas(
  writer: ByteWriter,
  stream: string,
  deltas: readonly WrittenDelta[],
): Uint8Array {
  writer.text(stream);
  writer.whole(deltas.length);
  for (const delta of deltas) writeDelta(writer, delta);
  return writer.finish();
}

/** The frame is a fresh copy that the caller owns. */
export function encodePartialsFrame(
  header: Omit<PartialsFrame['header'], 'stream'>,
  body: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(HEADER.magic, FRAME_MAGIC, true);
  bytes[HEADER.version] = FRAME_VERSION;
  bytes[HEADER.kind] = FRAME_KIND_PARTIALS;
  view.setUint32(HEADER.byteLength, bytes.length, true);
  view.setBigUint64(HEADER.frameSequence, BigInt(header.frameSequence), true);
  view.setFloat64(HEADER.watermarkMs, header.watermarkMs, true);
  view.setUint32(HEADER.epoch, header.epoch, true);
  view.setUint32(HEADER.filtered, Math.min(header.filtered, 0xffff_ffff), true);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

function writeDelta(writer: ByteWriter, { delta, shape, range }: WrittenDelta): void {
  writer.text(delta.query);
  const lengthAt = writer.skip(4);
  writer.whole(delta.losses.length);
  for (const [reason, events] of delta.losses) {
    writer.text(reason);
    writer.whole(events);
  }
  writer.whole(delta.panes.length);
  for (const pane of delta.panes) writePane(writer, pane, shape, range);
  writer.view.setUint32(lengthAt, writer.position - lengthAt - 4, true);
}

function writePane(
  writer: ByteWriter,
  { groups, matched, paneStartMs, seen }: PaneDelta,
  { aggregates, keys }: DeltaShape,
  part: GroupRange | undefined,
): void {
  const range = part ?? { from: 0, to: groups?.keys.length ?? 0 };
  // A pane that is told in parts is counted in the first.
  const isFirst = range.from === 0;
  writer.float(paneStartMs);
  writer.whole(isFirst ? seen : 0);
  writer.whole(isFirst ? matched : 0);
  writer.whole(range.to - range.from);
  if (groups === null || range.to === range.from) return;
  const { overflow } = groups;
  const hasOverflow = overflow !== null && overflow >= range.from && overflow < range.to;
  writer.whole(hasOverflow ? overflow - range.from + 1 : 0);
  for (let k = 0; k < keys; k++) {
    for (let g = range.from; g < range.to; g++) writeValue(writer, groups.keys[g]![k] ?? null);
  }
  writeNumbers(writer, groups.firstSeenMs, range);
  for (let a = 0; a < aggregates.length; a++) {
    writePartial(writer, aggregates[a]!, groups.aggregates[a]!, range);
  }
}

// ---- Reading -----------------------------------------------------------------------------------

export interface PartialsReading {
  readonly agentId: string;
  readonly limits: Pick<Config, 'frameBytesMax' | 'depthMax' | 'fieldNameBytesMax'>;
  /** Null: nobody asks that any more, and the delta is passed over. */
  readonly shapeOf: (query: string) => DeltaShape | null;
}

export function isPartialsFrame(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && bytes[HEADER.kind] === FRAME_KIND_PARTIALS;
}

/** Everything is checked before anything is given out. */
export function decodePartials(
  bytes: Uint8Array,
  reading: PartialsReading,
): Result<PartialsFrame, WireError> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readCommonHeader(view, FRAME_KIND_PARTIALS, reading.limits);
  if (!header.ok) return header;
  const reader = new ByteReader(bytes, HEADER_BYTES);
  const stream = reader.text();
  if (stream === '' || stream.length > reading.limits.fieldNameBytesMax) {
    reader.fail('a bad stream name');
  }
  const deltas: QueryDelta[] = [];
  const count = reader.count(DELTA_BYTES_MIN);
  for (let i = 0; i < count && reader.fault === null; i++) {
    const query = reader.text();
    const part = reader.part(reader.uint32());
    const shape = reader.fault === null ? reading.shapeOf(query) : null;
    if (shape === null) continue;
    deltas.push(readDelta(part, query, shape, reading));
    if (part.fault === null && part.left > 0) part.fail('bytes behind the last pane');
    if (part.fault !== null) reader.fail(`delta ${i}: ${part.fault}`);
  }
  if (reader.fault === null && reader.left > 0) reader.fail('bytes behind the last delta');
  if (reader.fault !== null) return badFrame(reader.fault);
  return ok({ header: { stream, ...header.value }, deltas });
}

function readDelta(
  reader: ByteReader,
  query: string,
  shape: DeltaShape,
  reading: PartialsReading,
): QueryDelta {
  const losses: (readonly [string, number])[] = [];
  const reasons = reader.count(2);
  if (reasons > REASONS_MAX) reader.fail('too many reasons');
  for (let i = 0; i < reasons && reader.fault === null; i++) {
    losses.push([reader.text(), reader.whole()]);
  }
  const panes: PaneDelta[] = [];
  const count = reader.count(PANE_BYTES_MIN);
  for (let i = 0; i < count && reader.fault === null; i++) {
    panes.push(readPane(reader, shape, reading));
  }
  return { query, losses, panes };
}

function readPane(reader: ByteReader, shape: DeltaShape, reading: PartialsReading): PaneDelta {
  const paneStartMs = reader.float();
  if (!isTime(paneStartMs)) reader.fail('a pane that is not at a time');
  const seen = reader.whole();
  const matched = reader.whole();
  const groups = reader.count(Math.max(1, shape.keys));
  if (shape.keys === 0 && groups > 1) reader.fail('groups without keys');
  if (groups === 0) return { paneStartMs, seen, matched, groups: null };
  return { paneStartMs, seen, matched, groups: readGroups(reader, groups, shape, reading) };
}

function readGroups(
  reader: ByteReader,
  groups: number,
  shape: DeltaShape,
  { agentId, limits }: PartialsReading,
): GroupPartial {
  const { depthMax } = limits;
  const overflow = reader.whole();
  if (overflow > groups) reader.fail('an overflow group that is not there');
  const keys: Value[][] = [];
  for (let k = 0; k < shape.keys; k++) {
    for (let g = 0; g < groups && reader.fault === null; g++) {
      const value = readValue(reader, depthMax);
      if (k === 0) keys.push([value]);
      else keys[g]!.push(value);
    }
  }
  if (shape.keys === 0) keys.push([]);
  const firstSeenMs = readNumbers(reader, groups, 'any');
  for (const timeMs of firstSeenMs) if (Number.isNaN(timeMs)) reader.fail('no first event');
  const partial: PartialReading = { groups, agentId, depthMax };
  const aggregates = shape.aggregates.map((one) => readPartial(reader, one, partial));
  return { keys, overflow: overflow === 0 ? null : overflow - 1, firstSeenMs, aggregates };
}
