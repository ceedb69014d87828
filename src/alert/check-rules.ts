/** A text of rules checked whole: its shape, its queries, and its conditions over their columns. */
import type { PlannedQuery } from '../plan/plan-query.ts';
import { compileRule } from './compiled-rule.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { readRuleFile } from './rule-file.ts';
import type { FileMistake } from './rule-file.ts';
import type { Rule } from './rule.ts';

export interface CheckedRule {
  readonly rule: Rule;
  /** The rule alone, in YAML. */
  readonly text: string;
  readonly line: number;
  readonly planned: PlannedQuery;
  readonly compiled: CompiledRule;
}

export interface CheckedRules {
  /** Those without a mistake. */
  readonly rules: readonly CheckedRule[];
  readonly mistakes: readonly FileMistake[];
}

export function checkRules(text: string, plan: (query: string) => PlannedQuery): CheckedRules {
  const { rules, mistakes: found } = readRuleFile(text);
  const mistakes = [...found];
  const checked: CheckedRule[] = [];
  for (const { rule, text: alone, place } of rules) {
    const planned = plan(rule.query);
    const { compiled, mistakes: wrong } = compileRule(rule, 1, planned);
    for (const { field, message, diagnostic } of wrong) {
      const hint = diagnostic?.hint === undefined ? '' : `. ${diagnostic.hint}`;
      const at = place(field, diagnostic);
      mistakes.push({
        severity: 'error',
        ...at,
        message: `${rule.name}: ${field}: ${message}${hint}`,
      });
    }
    if (compiled === null) continue;
    checked.push({ rule, text: alone, line: place('name').line, planned, compiled });
  }
  mistakes.sort((a, b) => a.line - b.line || a.column - b.column);
  return { rules: checked, mistakes };
}

export function hasMistakes(mistakes: readonly FileMistake[]): boolean {
  return mistakes.some(({ severity }) => severity === 'error');
}
