/** What SQLite complains about, as coded faults; mistakes in our own SQL are defects. */
import { Defect } from '../core/assert.ts';
import { EngineError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';

/** Primary result codes. @see https://www.sqlite.org/rescode.html */
const CODES: Readonly<Record<number, ErrorCode>> = {
  5: 'ENGINE_STORE_LOCKED',
  6: 'ENGINE_STORE_LOCKED',
  8: 'ENGINE_STORE_FAILED',
  10: 'ENGINE_STORE_FAILED',
  11: 'ENGINE_STORE_CORRUPT',
  13: 'ENGINE_STORE_FULL',
  14: 'ENGINE_STORE_FAILED',
  26: 'ENGINE_STORE_CORRUPT',
};

/** What to throw instead of `error`, which a driver threw. */
export function storeError(error: unknown): unknown {
  if (error instanceof EngineError || error instanceof Defect) return error;
  const number = resultCode(error);
  const message = error instanceof Error ? error.message : String(error);
  const code = number === null ? undefined : CODES[number & 0xff];
  if (code === undefined) return new Defect(`SQLite: ${message}`, { cause: error });
  return new EngineError(code, message, { cause: error });
}

/** The extended code, where each of the drivers keeps it; null: it is none of SQLite's errors. */
function resultCode(error: unknown): number | null {
  const { errcode, rawCode, message } = (error ?? {}) as Record<string, unknown>;
  if (typeof errcode === 'number') return errcode;
  if (typeof rawCode === 'number') return rawCode;
  // libsql says it only in the text when a file cannot be opened.
  const opening = /Unable to open connection.*: (\d+)/.exec(String(message));
  return opening === null ? null : Number(opening[1]);
}
