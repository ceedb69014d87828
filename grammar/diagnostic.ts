/**
 * What is said about a query's text: mistakes, warnings and hints, as data. Nothing in the language
 * front end throws for a user's mistake; everything found in one pass is reported at once (at most
 * {@link DIAGNOSTICS_MAX}, then one diagnostic says that there are more).
 */
import { positionAt } from './span.ts';
import type { Position, Span } from './span.ts';

export type Severity = 'error' | 'warning' | 'info';

export interface Diagnostic {
  /** `MQL_…`, listed in docs/errors.md. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence, no trailing stop, says what is wrong. */
  readonly message: string;
  readonly span: Span & Position;
  /** What to write instead, if we know: a sentence or a replacement. */
  readonly hint?: string;
  /** Replacements of the span's text that an editor can offer. */
  readonly fixes?: readonly Fix[];
}

export interface Fix {
  readonly title: string;
  readonly span: Span;
  readonly text: string;
}

/** Mistakes reported at once; the parser's recovery stops there too (contract: L17). */
export const DIAGNOSTICS_MAX = 20;

export interface DiagnosticInit {
  readonly code: string;
  readonly severity?: Severity;
  readonly message: string;
  readonly span: Span;
  readonly hint?: string | undefined;
  readonly fixes?: readonly Fix[] | undefined;
}

/** Builds a diagnostic and works out its line and column in `text`. */
export function diagnosticFrom(text: string, init: DiagnosticInit): Diagnostic {
  const { code, severity = 'error', message, span, hint, fixes } = init;
  return {
    code,
    severity,
    message,
    span: { start: span.start, end: span.end, ...positionAt(text, span.start) },
    ...(hint === undefined ? {} : { hint }),
    ...(fixes === undefined ? {} : { fixes }),
  };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
