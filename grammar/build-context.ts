/** What the builders of the tree share: the text and the mistakes that only its values show. */
import { diagnosticFrom } from './diagnostic.ts';
import type { Diagnostic, DiagnosticInit } from './diagnostic.ts';
import type { Span } from './span.ts';

/** An alias written without AS: the first suspect when a clause word is misspelled. */
export interface BareAlias {
  readonly name: string;
  readonly span: Span;
  readonly of: 'column' | 'source';
}

export interface BuildContext {
  readonly text: string;
  readonly diagnostics: Diagnostic[];
  readonly bareAliases: BareAlias[];
  report(init: DiagnosticInit): void;
}

export function createBuildContext(text: string): BuildContext {
  const diagnostics: Diagnostic[] = [];
  return {
    text,
    diagnostics,
    bareAliases: [],
    report: (init) => void diagnostics.push(diagnosticFrom(text, init)),
  };
}
