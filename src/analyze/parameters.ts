/**
 * `$name` parameters: values bound when a query is submitted. A parameter without a value is an
 * error where it stands; a value without a parameter is a warning, for it is likely misspelt.
 */
import { suggest } from '../../grammar/suggest.ts';
import type { Span } from '../../grammar/span.ts';
import type { Value } from '../model/value.ts';
import type { Reporter } from './reporter.ts';

export class Parameters {
  readonly #values: Readonly<Record<string, Value>>;
  readonly #report: Reporter;
  readonly #used = new Set<string>();

  constructor(values: Readonly<Record<string, Value>>, report: Reporter) {
    this.#values = values;
    this.#report = report;
  }

  /** Names that some part of the query asked for, in order of first use. */
  get names(): readonly string[] {
    return [...this.#used];
  }

  /** The value bound to `$name`; null if there is none, which is reported. */
  value(name: string, span: Span): Value {
    this.#used.add(name);
    if (Object.hasOwn(this.#values, name)) return this.#values[name] ?? null;
    const near = suggest(name, Object.keys(this.#values));
    this.#report.add('MQL_PARAMETER_MISSING', span, `the parameter $${name} has no value`, {
      hint: near === null ? 'Give it a value when you submit the query.' : `Is it $${near}?`,
    });
    return null;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  /** Says which given values no part of the query asked for. */
  reportUnused(span: Span): void {
    for (const name of Object.keys(this.#values)) {
      if (this.#used.has(name)) continue;
      const message = `the query has no parameter $${name}`;
      this.#report.add('MQL_PARAMETER_UNUSED', { start: span.start, end: span.start }, message);
    }
  }
}
