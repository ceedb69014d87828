/** Coded faults as RFC 9457 problem details. */
import { ERRORS } from '../core/errors.ts';
import type { EngineError } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';

export function problemFrom(error: EngineError): Problem {
  const { title, status, remedy, retryable } = ERRORS[error.code];
  return {
    ...error.data,
    type: `https://squilla.dev/errors#${error.code.toLowerCase()}`,
    title,
    status,
    detail: error.detail,
    code: error.code,
    remedy,
    retryable,
  };
}
