/** What is wrong with bytes or text from a peer. Data, never thrown; the session decides. */
import type { ErrorCode } from '../core/errors.ts';
import { err } from '../core/result.ts';
import type { Err } from '../core/result.ts';

export interface WireError {
  readonly code: Extract<ErrorCode, `WIRE_${string}`>;
  /** Names the part and what it should have been; quotes no values from events. */
  readonly detail: string;
}

export function badFrame(detail: string): Err<WireError> {
  return err({ code: 'WIRE_BAD_FRAME', detail });
}

export function badMessage(detail: string): Err<WireError> {
  return err({ code: 'WIRE_BAD_MESSAGE', detail });
}
