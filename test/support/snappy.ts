/**
 * Snappy blocks by hand: literals only, or with a copy, as the format allows any packer to make.
 */
export function packedLiteral(bytes: Uint8Array): Uint8Array {
  const elements: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const part = bytes.subarray(at, at + 65_536);
    const length = part.length - 1;
    const head = length < 60 ? [length << 2] : [61 << 2, length & 0xff, length >> 8];
    elements.push(Uint8Array.from(head), part);
  }
  return Buffer.concat([varint(bytes.length), ...elements]);
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
