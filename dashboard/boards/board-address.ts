/** What a board's address says: `#/boards/http?span=900&kiosk=1&var-region=eu-west`. */
import type { Board } from '../../src/board/board.ts';
import { SPAN_DEFAULT_MS, SPANS_MS } from '../page-address.ts';

export interface BoardAddress {
  /** Values of its variables, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly spanMs: number;
  /** Without the page around it, for a wall. */
  readonly kiosk: boolean;
}

const PREFIX = 'var-';
const VALUE_LENGTH_MAX = 500;

export function boardAddressFrom(params: URLSearchParams, board: Board): BoardAddress {
  const span = Number(params.get('span')) * 1_000;
  const values = board.variables.map(({ name, default: usual }) => [
    name,
    (params.get(PREFIX + name) ?? usual).slice(0, VALUE_LENGTH_MAX),
  ]);
  return {
    values: Object.fromEntries(values) as Record<string, string>,
    spanMs: SPANS_MS.includes(span) ? span : SPAN_DEFAULT_MS,
    kiosk: params.get('kiosk') === '1',
  };
}

/** What differs from the usual. */
export function boardParams(
  { values, spanMs, kiosk }: BoardAddress,
  board: Board,
): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const { name, default: usual } of board.variables) {
    const value = values[name];
    if (value !== undefined && value !== usual) params[PREFIX + name] = value;
  }
  if (spanMs !== SPAN_DEFAULT_MS) params['span'] = String(spanMs / 1_000);
  if (kiosk) params['kiosk'] = '1';
  return params;
}
