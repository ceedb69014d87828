/** A text of rules checked whole: its shape, its queries, and its conditions over their columns. */
import type { PlannedQuery } from '../plan/plan-query.ts';
import { compileRule } from './compiled-rule.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { readRuleFile } from './rule-file.ts';
import type { FileMistake } from './rule-file.ts';
import { askedQuery } from './rule-query.ts';
import type { AskedQuery } from './rule-query.ts';
import type { RuleScope } from './rule-scope.ts';
import type { Rule } from './rule.ts';

export interface ReadRule {
  readonly rule: Rule;
  /** The rule alone, in YAML. */
  readonly text: string;
  readonly line: number;
}

export interface CheckedRule extends ReadRule {
  readonly asked: AskedQuery;
  readonly planned: PlannedQuery;
  readonly compiled: CompiledRule;
}

export interface CheckedRules {
  /** Those without a mistake. */
  readonly rules: readonly CheckedRule[];
  /** Those whose saved query is not there (yet): nothing else can be said of them. */
  readonly waiting: readonly ReadRule[];
  readonly mistakes: readonly FileMistake[];
}

/** What is said of a text to whoever asks, as data: it can come from another thread. */
export interface RulesCheck {
  /** With the query that each asks. */
  readonly rules: readonly (Rule & { readonly asks: string })[];
  readonly mistakes: readonly FileMistake[];
}

export function rulesCheck({ mistakes, rules }: CheckedRules): RulesCheck {
  return { rules: rules.map(({ asked, rule }) => ({ ...rule, asks: asked.text })), mistakes };
}

export function checkRules(text: string, scope: RuleScope): CheckedRules {
  const { rules, mistakes: found } = readRuleFile(text);
  const mistakes = [...found];
  const checked: CheckedRule[] = [];
  const waiting: ReadRule[] = [];
  for (const { rule, text: alone, place } of rules) {
    const read = { rule, text: alone, line: place('name').line };
    const asked = askedQuery(rule, scope);
    if (typeof asked === 'string') {
      // It may come, and the rule runs as soon as it is there.
      const message = `${rule.name}: ${asked}`;
      mistakes.push({ severity: 'warning', ...place('saved'), message });
      waiting.push(read);
      continue;
    }
    const { compiled, mistakes: wrong } = compileRule(rule, 1, asked);
    for (const { field, message, diagnostic } of wrong) {
      const hint = diagnostic?.hint === undefined ? '' : `. ${diagnostic.hint}`;
      const at = place(field, diagnostic);
      mistakes.push({
        severity: 'error',
        ...at,
        message: `${rule.name}: ${field}: ${message}${hint}`,
      });
    }
    if (compiled !== null) checked.push({ ...read, asked, planned: asked.planned, compiled });
  }
  mistakes.sort((a, b) => a.line - b.line || a.column - b.column);
  return { rules: checked, waiting, mistakes };
}

export function hasMistakes(mistakes: readonly FileMistake[]): boolean {
  return mistakes.some(({ severity }) => severity === 'error');
}
