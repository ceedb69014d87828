/**
 * What every step of the analysis shares: the reporter, the names in scope, the parameters, and
 * which kind of input the query is meant for.
 */
import type { Config } from '../config.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import type { Parameters } from './parameters.ts';
import type { PatternCheck } from './pattern-check.ts';
import type { Reporter } from './reporter.ts';
import type { SourceScope } from './source-scope.ts';

/** `live`: a stream that never ends. `finite`: a list of events, at whose end everything closes. */
export type AnalysisMode = 'live' | 'finite';

export interface AnalysisContext {
  readonly text: string;
  readonly mode: AnalysisMode;
  readonly config: Config;
  readonly report: Reporter;
  readonly sources: SourceScope;
  /** What is known of streams, tables and fields; null: nothing is. */
  readonly catalogue: FieldCatalogue | null;
  readonly parameters: Parameters;
  readonly checkPattern: PatternCheck;
  /** A number no other `[*]` of the query has. */
  readonly nextElementId: () => number;
}
