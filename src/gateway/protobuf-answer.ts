/** The little protobuf that answers need: numbers, texts and messages by field number. */
const encoder = new TextEncoder();

const VARINT = 0;
const BYTES = 2;

/** Whole numbers of 0 and more, texts, and messages that are encoded already. */
export function protobufOf(
  fields: readonly (readonly [field: number, value: number | string | Uint8Array])[],
): Uint8Array {
  const bytes: number[] = [];
  for (const [field, value] of fields) {
    if (typeof value === 'number') {
      varint(bytes, field * 8 + VARINT);
      varint(bytes, value);
      continue;
    }
    const content = typeof value === 'string' ? encoder.encode(value) : value;
    varint(bytes, field * 8 + BYTES);
    varint(bytes, content.length);
    bytes.push(...content);
  }
  return Uint8Array.from(bytes);
}

function varint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
}
