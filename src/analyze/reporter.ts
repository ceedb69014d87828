/**
 * Collects what the analyzer finds. One thing is said once: the same words at the same place are
 * dropped, so that an expression may be looked at more than once (as a key and as a column).
 */
import { diagnosticFrom } from '../../grammar/diagnostic.ts';
import type { Diagnostic, Fix, Severity } from '../../grammar/diagnostic.ts';
import type { Span } from '../../grammar/span.ts';
import { ANALYSIS_CODES } from './codes.ts';
import type { AnalysisCode } from './codes.ts';

export interface ReportDetails {
  readonly hint?: string | undefined;
  readonly fixes?: readonly Fix[] | undefined;
}

export class Reporter {
  readonly #text: string;
  readonly #found: Diagnostic[] = [];
  readonly #said = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the query has a back-quote there. */
  isQuotedAt(offset: number): boolean {
    return this.#text.charAt(offset) === '`';
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#found;
  }

  /** Without a hint of its own the mistake has the remedy of its code. */
  add(code: AnalysisCode, span: Span, message: string, details: ReportDetails = {}): void {
    const id = `${code}:${span.start}:${span.end}:${message}`;
    if (this.#said.has(id)) return;
    this.#said.add(id);
    const { remedy, severity } = ANALYSIS_CODES[code];
    const { fixes, hint = remedy } = details;
    this.addDiagnostic(diagnosticFrom(this.#text, { code, severity, message, span, hint, fixes }));
  }

  /** A finished diagnostic, as the grammar's own checks give them. */
  addDiagnostic(diagnostic: Diagnostic): void {
    this.#found.push(diagnostic);
  }

  /** A construct of the language that this release cannot run. */
  unsupported(span: Span, what: string, hint: string, severity: Severity = 'error'): void {
    const message = `${what} cannot run in this release`;
    const code = 'MQL_NOT_SUPPORTED';
    this.addDiagnostic(diagnosticFrom(this.#text, { code, severity, message, span, hint }));
  }
}
