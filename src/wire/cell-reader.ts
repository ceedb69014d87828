/** One column's cells as values: for the row path, JSON output and tests. Kernels read columns. */
import type { CellReader, Column, TextColumn, VariantColumn } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import { readUtf8 } from './utf8.ts';

export function cellReader(column: Column): CellReader {
  switch (column.kind) {
    case 'null':
      return () => null;
    case 'f64': {
      const { values } = column;
      return (row) => {
        const value = values[row] as number;
        return Number.isNaN(value) ? null : value;
      };
    }
    case 'i32': {
      const { values } = column;
      return (row) => values[row] as number;
    }
    case 'bool': {
      const { values } = column;
      return (row) => (values[row] === 2 ? null : values[row] === 1);
    }
    case 'dict': {
      const { codes, dictionary } = column;
      return (row) => {
        const code = codes[row] as number;
        return code === 0 ? null : dictionary.text(code);
      };
    }
    case 'text':
      return (row) => textAt(column, row);
    case 'variant':
      return (row) => jsonValue(textAt(column, row));
  }
}

function textAt(column: TextColumn | VariantColumn, row: number): string | null {
  const { nulls, offsets, bytes } = column;
  if (nulls !== null && ((nulls[row >> 3] as number) & (1 << (row & 7))) !== 0) return null;
  return readUtf8(bytes, offsets[row] as number, offsets[row + 1] as number);
}

/** A sender's text that is not JSON reads as null. */
function jsonValue(text: string | null): Value {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return null;
  }
}
