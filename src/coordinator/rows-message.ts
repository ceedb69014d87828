/**
 * `rows` messages cut into parts of at most {@link PART_BYTES}, each encoded once for everybody who
 * reads it. A window's rows are in force when the part with `last` has arrived.
 */
import type { ValueObject } from '../model/value.ts';
import type { RowsMessage } from '../wire/results.ts';

/** UTF-16 units of JSON a part may hold before the next begins. */
export const PART_BYTES = 256 * 1024;

export interface EncodedRows {
  readonly message: RowsMessage;
  readonly body: string;
}

type RowsHead = Omit<RowsMessage, 'rows' | 'part' | 'last'>;

/** So few rows are likely to fit into one part: to see that they do is to have encoded them. */
const FEW_ROWS = 100;

/** `head` is the message without rows, part and last. At least one part, also without rows. */
export function encodeRows(head: RowsHead, rows: readonly ValueObject[]): EncodedRows[] {
  if (rows.length <= FEW_ROWS) {
    const message = partOf(head, { part: 0, last: true, rows });
    const body = JSON.stringify(message);
    if (body.length <= PART_BYTES) return [{ message, body }];
  }
  return encodeParts(head, rows);
}

function encodeParts(head: RowsHead, rows: readonly ValueObject[]): EncodedRows[] {
  const parts: EncodedRows[] = [];
  const prefix = `{"type":"rows",${JSON.stringify({ ...head, type: undefined }).slice(1, -1)}`;
  let from = 0;
  let texts: string[] = [];
  let length = 0;
  const flush = (to: number, last: boolean): void => {
    const part = parts.length;
    parts.push({
      message: partOf(head, { part, last, rows: rows.slice(from, to) }),
      body: `${prefix},"part":${part},"last":${last},"rows":[${texts.join(',')}]}`,
    });
    from = to;
    texts = [];
    length = 0;
  };
  for (let i = 0; i < rows.length; i++) {
    const text = JSON.stringify(rows[i]);
    if (length > 0 && length + text.length > PART_BYTES) flush(i, false);
    texts.push(text);
    length += text.length;
  }
  flush(rows.length, true);
  return parts;
}

/**
 * Written out, in the order in which it is encoded: an object that begins with a spread and goes on
 * gets a shape of its own each time, which costs more than all of the encoding.
 */
function partOf(
  head: RowsHead,
  { part, last, rows }: Pick<RowsMessage, 'last' | 'part' | 'rows'>,
): RowsMessage {
  return {
    type: head.type,
    windowStart: head.windowStart,
    windowEnd: head.windowEnd,
    append: head.append,
    revision: head.revision,
    provisional: head.provisional,
    replay: head.replay,
    completeness: head.completeness,
    part,
    last,
    rows,
  };
}
