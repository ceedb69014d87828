/**
 * Protobuf messages by their shape: a table of fields makes of bytes the object that the JSON
 * mapping of the same message would be, so that both encodings are read by one piece of code.
 * Unknown fields are passed over; numbers of 64 bits are numbers while doubles can say them.
 *
 * Bounds: nesting is at most `depthMax` messages, all together are at most `partsMax` (an empty one
 * takes two bytes, and becomes an object), and no list has more elements than bytes.
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { ProtobufReader, WIRE } from './protobuf-reader.ts';

export type ScalarKind =
  | 'text'
  /** Bytes as hexadecimal digits: ids. */
  | 'hex'
  | 'base64'
  | 'bool'
  | 'unsigned'
  | 'int64'
  | 'zigzag'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

export interface MessageField {
  readonly name: string;
  /** A function for messages, since shapes name each other. */
  readonly kind: ScalarKind | (() => MessageShape);
  readonly isList: boolean;
}

/** By field number. */
export type MessageShape = readonly (MessageField | undefined)[];

export type DecodedMessage = Record<string, unknown>;

/** Fields by number: `{1: one('name', 'text')}`. */
export function shape(fields: Readonly<Record<number, MessageField>>): MessageShape {
  const list: (MessageField | undefined)[] = [];
  for (const [number, field] of Object.entries(fields)) list[Number(number)] = field;
  return Array.from(list);
}

export function one(name: string, kind: MessageField['kind']): MessageField {
  return { name, kind, isList: false };
}

export function many(name: string, kind: MessageField['kind']): MessageField {
  return { name, kind, isList: true };
}

export interface MessageBounds {
  readonly depthMax: number;
  readonly partsMax: number;
}

/** Never throws; the error says what is wrong with the bytes. */
export function decodeMessage(
  bytes: Uint8Array,
  root: MessageShape,
  { depthMax, partsMax }: MessageBounds,
): Result<DecodedMessage, string> {
  const reader = new ProtobufReader(bytes, partsMax);
  const message = readMessage(reader, root, depthMax);
  return reader.fault === null ? ok(message) : err(reader.fault);
}

function readMessage(reader: ProtobufReader, root: MessageShape, depth: number): DecodedMessage {
  const message: DecodedMessage = {};
  if (depth === 0) {
    reader.fail('messages are nested too deeply');
    return message;
  }
  reader.begin();
  while (reader.next()) {
    const field = root[reader.field];
    if (field === undefined) reader.skip();
    else if (field.isList) readElement(reader, field, message, depth);
    else message[field.name] = readOne(reader, field, depth);
  }
  return message;
}

function readElement(
  reader: ProtobufReader,
  field: MessageField,
  message: DecodedMessage,
  depth: number,
): void {
  const list = (message[field.name] ??= []) as unknown[];
  const { kind } = field;
  if (typeof kind === 'function' || reader.wire !== WIRE.bytes || isOfBytes(kind)) {
    list.push(readOne(reader, field, depth));
    return;
  }
  // Numbers of a list lie packed in one field, without a tag each.
  const outer = reader.enter();
  while (reader.hasMore()) list.push(readScalar(reader, kind));
  reader.leave(outer);
}

function readOne(reader: ProtobufReader, { kind }: MessageField, depth: number): unknown {
  if (typeof kind !== 'function') {
    if (reader.wire === WIRES[kind]) return readScalar(reader, kind);
    reader.fail(`wire type ${reader.wire} of field ${reader.field}`);
    return null;
  }
  const outer = reader.enter();
  const message = readMessage(reader, kind(), depth - 1);
  reader.leave(outer);
  return message;
}

const WIRES: Readonly<Record<ScalarKind, number>> = {
  text: WIRE.bytes,
  hex: WIRE.bytes,
  base64: WIRE.bytes,
  bool: WIRE.varint,
  unsigned: WIRE.varint,
  int64: WIRE.varint,
  zigzag: WIRE.varint,
  fixed32: WIRE.fixed32,
  fixed64: WIRE.fixed64,
  sfixed64: WIRE.fixed64,
  double: WIRE.fixed64,
};

function isOfBytes(kind: ScalarKind): boolean {
  return WIRES[kind] === WIRE.bytes;
}

function readScalar(reader: ProtobufReader, kind: ScalarKind): unknown {
  switch (kind) {
    case 'text':
      return reader.text();
    case 'hex':
      return reader.hex();
    case 'base64':
      return base64(reader.bytes());
    case 'bool':
      return reader.bool();
    case 'unsigned':
      return reader.unsigned();
    case 'int64':
      return reader.int64();
    case 'zigzag':
      return reader.zigzag();
    case 'fixed32':
      return reader.fixed32();
    case 'fixed64':
      return reader.fixed64();
    case 'sfixed64':
      return reader.sfixed64();
    case 'double':
      return reader.double();
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
