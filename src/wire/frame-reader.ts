/**
 * Reads and checks the fixed parts of an event frame: header, directory, schema text. Nothing is
 * allocated on the word of a number in the frame: every count is first held against the bytes that
 * are really there.
 */
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { BatchField } from '../model/batch.ts';
import {
  align8,
  ENTRY,
  ENTRY_BYTES,
  FLAG_SCHEMA,
  FRAME_KIND_EVENTS,
  FRAME_MAGIC,
  FRAME_VERSION,
  HEADER,
  HEADER_BYTES,
  KIND,
  TIME_MS_MAX,
} from './frame-layout.ts';
import { readUtf8, utf8Bytes } from './utf8.ts';
import { badFrame } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

export interface FrameLimits {
  readonly frameBytesMax: number;
  readonly fieldsMax: number;
  readonly fieldNameBytesMax: number;
  /** Schema ids of one connection are below this. */
  readonly streamsPerAgentMax: number;
}

export interface FrameHeader {
  readonly rows: number;
  readonly frameSequence: number;
  readonly firstSequence: number;
  readonly watermarkMs: number;
  readonly epoch: number;
  readonly filtered: number;
  readonly schemaId: number;
  readonly columns: number;
  /** 0: the schema is known from an earlier frame. */
  readonly schemaBytes: number;
  readonly timesOffset: number;
}

/** Where a column stands; within the frame, 8-aligned, behind the column before it. */
export interface ColumnEntry {
  readonly kind: number;
  readonly flags: number;
  readonly offset: number;
  readonly byteLength: number;
  readonly additions: number;
}

export interface SchemaText {
  readonly stream: string;
  readonly fields: readonly BatchField[];
}

/** What frames of every kind begin with. */
type CommonHeader = Pick<FrameHeader, 'frameSequence' | 'watermarkMs' | 'epoch' | 'filtered'>;

export function readCommonHeader(
  view: DataView,
  kind: number,
  limits: Pick<FrameLimits, 'frameBytesMax'>,
): Result<CommonHeader, WireError> {
  const size = view.byteLength;
  if (size > limits.frameBytesMax) {
    const detail = `frame of ${size} bytes, at most ${limits.frameBytesMax}`;
    return { ok: false, error: { code: 'WIRE_FRAME_TOO_LARGE', detail } };
  }
  if (size < HEADER_BYTES) return badFrame(`${size} bytes are less than a header`);
  if (view.getUint32(HEADER.magic, true) !== FRAME_MAGIC) return badFrame('magic is not SQEB');
  const version = view.getUint8(HEADER.version);
  if (version !== FRAME_VERSION) {
    return { ok: false, error: { code: 'WIRE_BAD_VERSION', detail: `frame version ${version}` } };
  }
  if (view.getUint8(HEADER.kind) !== kind) return badFrame('unknown frame kind');
  if (view.getUint32(HEADER.byteLength, true) !== size)
    return badFrame('byteLength is not the size');
  const header: CommonHeader = {
    frameSequence: readUint64(view, HEADER.frameSequence),
    watermarkMs: view.getFloat64(HEADER.watermarkMs, true),
    epoch: view.getUint32(HEADER.epoch, true),
    filtered: view.getUint32(HEADER.filtered, true),
  };
  if (!isSequence(header.frameSequence)) return badFrame('frameSequence out of range');
  if (!isTime(header.watermarkMs)) return badFrame('watermarkMs is not a time');
  return ok(header);
}

export function readHeader(view: DataView, limits: FrameLimits): Result<FrameHeader, WireError> {
  const common = readCommonHeader(view, FRAME_KIND_EVENTS, limits);
  if (!common.ok) return common;
  const hasSchema = (view.getUint16(HEADER.flags, true) & FLAG_SCHEMA) !== 0;
  const { frameSequence, watermarkMs, epoch, filtered } = common.value;
  // Not a spread of the common part, with which V8 makes every header a shape of its own.
  const header: FrameHeader = {
    frameSequence,
    watermarkMs,
    epoch,
    filtered,
    rows: view.getUint32(HEADER.rows, true),
    firstSequence: readUint64(view, HEADER.firstSequence),
    schemaId: view.getUint32(HEADER.schemaId, true),
    columns: view.getUint32(HEADER.columns, true),
    schemaBytes: view.getUint32(HEADER.schemaBytes, true),
    timesOffset: view.getUint32(HEADER.timesOffset, true),
  };
  if (hasSchema !== header.schemaBytes > 0) return badFrame('schema flag and schemaBytes disagree');
  return checkHeader(header, view.byteLength, limits);
}

function checkHeader(
  header: FrameHeader,
  size: number,
  limits: FrameLimits,
): Result<FrameHeader, WireError> {
  const { rows, columns, schemaBytes, timesOffset } = header;
  if (!isSequence(header.firstSequence + rows)) return badFrame('firstSequence out of range');
  if (header.schemaId >= limits.streamsPerAgentMax) return badFrame('schemaId out of range');
  if (columns > limits.fieldsMax)
    return badFrame(`${columns} columns, at most ${limits.fieldsMax}`);
  const timesMin = align8(HEADER_BYTES + columns * ENTRY_BYTES + schemaBytes);
  if (timesOffset !== timesMin) return badFrame('times do not follow the schema');
  if (timesOffset + rows * 8 > size) return badFrame('times reach beyond the frame');
  return ok(header);
}

/** The directory, if all columns lie in order within the frame. */
export function readDirectory(
  view: DataView,
  header: FrameHeader,
): Result<readonly ColumnEntry[], WireError> {
  const entries: ColumnEntry[] = [];
  let end = header.timesOffset + header.rows * 8;
  for (let i = 0; i < header.columns; i++) {
    const at = HEADER_BYTES + i * ENTRY_BYTES;
    const entry: ColumnEntry = {
      kind: view.getUint8(at + ENTRY.kind),
      flags: view.getUint8(at + ENTRY.flags),
      offset: view.getUint32(at + ENTRY.offset, true),
      byteLength: view.getUint32(at + ENTRY.byteLength, true),
      additions: view.getUint32(at + ENTRY.additions, true),
    };
    if (entry.kind > KIND.variant) return badFrame(`column ${i}: unknown kind`);
    if (entry.kind !== KIND.dict && entry.additions !== 0) {
      return badFrame(`column ${i}: additions without a dictionary`);
    }
    if (entry.offset % 8 !== 0 || entry.offset < end) return badFrame(`column ${i}: bad offset`);
    end = entry.offset + entry.byteLength;
    if (end > view.byteLength) return badFrame(`column ${i}: reaches beyond the frame`);
    entries.push(entry);
  }
  return ok(entries);
}

/** The schema definition that stands behind the directory. */
export function readSchema(
  bytes: Uint8Array,
  header: FrameHeader,
  limits: FrameLimits,
): Result<SchemaText, WireError> {
  const start = HEADER_BYTES + header.columns * ENTRY_BYTES;
  const parsed = parseJson(readUtf8(bytes, start, start + header.schemaBytes));
  if (typeof parsed !== 'object' || parsed === null) return badFrame('schema is not an object');
  const { stream, fields } = parsed as { stream?: unknown; fields?: unknown };
  if (!isName(stream, limits) || stream === '') return badFrame('schema: bad stream name');
  if (!Array.isArray(fields) || fields.length !== header.columns) {
    return badFrame('schema: one field per column expected');
  }
  const read: BatchField[] = [];
  const seen = new Set<string>();
  for (const field of fields as unknown[]) {
    if (!Array.isArray(field) || field.length !== 2) return badFrame('schema: bad field');
    const [text, key] = field as unknown[];
    if (!isName(text, limits) || (key !== 0 && key !== 1)) return badFrame('schema: bad field');
    const identity = `${key}${text}`;
    if (seen.has(identity)) return badFrame('schema: a field stands twice');
    seen.add(identity);
    read.push({ text, key: key === 1 });
  }
  return ok({ stream, fields: read });
}

export function isTime(value: number): boolean {
  return value >= -TIME_MS_MAX && value <= TIME_MS_MAX;
}

function isSequence(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER;
}

/** Exact up to 2^53; beyond, still beyond. */
function readUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

function isName(value: unknown, limits: FrameLimits): value is string {
  return typeof value === 'string' && utf8Bytes(value) <= limits.fieldNameBytesMax;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
