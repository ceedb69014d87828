/** `squilla rules new|check|lint`: rule files, without an engine. */
import { readFileSync } from 'node:fs';
import { checkRules, hasMistakes } from '../../alert/check-rules.ts';
import type { CheckedRules } from '../../alert/check-rules.ts';
import type { FileMistake } from '../../alert/rule-file.ts';
import { lintRule } from '../../alert/rule-lint.ts';
import { RULE_TEMPLATES, ruleTemplate } from '../../alert/rule-templates.ts';
import { NOTHING_SAVED, scopeAlone } from '../../alert/rule-scope.ts';
import { DEFAULTS } from '../../config.ts';
import type { ViewDefinition, ViewDefinitions } from '../../plan/plan-views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { RuleFileFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';

export function rulesNewCommand(name: string | undefined, context: CliContext): number {
  if (name === undefined) {
    for (const { name: known, says } of RULE_TEMPLATES) {
      context.out(`${known.padEnd(18)} ${says}\n`);
    }
    return 0;
  }
  const template = ruleTemplate(name);
  if (template === null) {
    const names = RULE_TEMPLATES.map((known) => known.name).join(', ');
    context.err(`There is no template \`${name}\`. There are: ${names}\n`);
    return 2;
  }
  context.out(template.text);
  return 0;
}

export interface CheckedFile extends CheckedRules {
  readonly file: string;
}

/**
 * As `readRuleFiles`; where rules ask saved queries, those of the engine that `flags` name are
 * known. Null: a file or the engine's answer cannot be read, which was said.
 */
export async function readRulesWithSaved(
  files: readonly string[],
  flags: { readonly url?: string; readonly token?: string },
  context: CliContext,
): Promise<readonly CheckedFile[] | null> {
  const checked = readRuleFiles(files, context);
  const { url } = flags;
  const isWaiting = checked?.some(({ waiting }) => waiting.length > 0) ?? false;
  if (!isWaiting || url === undefined) return checked;
  const answer = await callApi({ ...flags, url }, '/api/v1/saved-queries');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return null;
  }
  return readRuleFiles(files, context, savedIn(answer.body));
}

/** The engine's answer as definitions. */
export function savedIn(body: unknown): ViewDefinitions {
  const { queries } = body as { readonly queries: readonly ViewDefinition[] };
  const saved = new Map(queries.map((query) => [query.name, query]));
  return { names: () => [...saved.keys()], get: (name) => saved.get(name) };
}

/** Null: a file cannot be read, which was said. */
export function readRuleFiles(
  files: readonly string[],
  context: CliContext,
  saved: ViewDefinitions = NOTHING_SAVED,
): readonly CheckedFile[] | null {
  const checked: CheckedFile[] = [];
  for (const file of files) {
    try {
      const text = readFileSync(file, 'utf8');
      checked.push({ file, ...checkRules(text, scopeAlone(saved)) });
    } catch (error) {
      context.err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
      return null;
    }
  }
  return checked;
}

/** What is wrong, a line each: `file:line:column: message`. True if there are errors. */
export function printMistakes(checked: readonly CheckedFile[], context: CliContext): boolean {
  const paint = createPaint(context.colors);
  const color = ({ severity }: FileMistake): 'red' | 'yellow' =>
    severity === 'error' ? 'red' : 'yellow';
  for (const { file, mistakes } of checked) {
    for (const mistake of mistakes) {
      const place = `${file}:${mistake.line}:${mistake.column}`;
      context.err(`${place}: ${paint(color(mistake), mistake.severity)}: ${mistake.message}\n`);
    }
  }
  return checked.some(({ mistakes }) => hasMistakes(mistakes));
}

export async function rulesCheckCommand(
  files: readonly string[],
  flags: RuleFileFlags,
  context: CliContext,
): Promise<number> {
  const checked = await readRulesWithSaved(files, flags, context);
  if (checked === null) return 1;
  if (flags.json === true) {
    const answer = checked.map(({ file, mistakes, rules }) => ({
      ...{ file, mistakes },
      rules: rules.map(({ rule }) => rule.name),
    }));
    context.out(`${JSON.stringify(answer)}\n`);
    return checked.some(({ mistakes }) => hasMistakes(mistakes)) ? 1 : 0;
  }
  if (printMistakes(checked, context)) return 1;
  const count = checked.reduce((sum, { rules, waiting }) => sum + rules.length + waiting.length, 0);
  context.out(`${count} ${count === 1 ? 'rule' : 'rules'}, no mistakes\n`);
  return 0;
}

export async function rulesLintCommand(
  files: readonly string[],
  flags: RuleFileFlags,
  context: CliContext,
): Promise<number> {
  const checked = await readRulesWithSaved(files, flags, context);
  if (checked === null || printMistakes(checked, context)) return 1;
  let streams: string[] | null = null;
  if (flags.url !== undefined) {
    const answer = await callApi({ ...flags, url: flags.url }, '/api/v1/streams');
    if (!answer.ok) {
      context.err(`${answer.message}\n`);
      return 1;
    }
    streams = (answer.body as { streams: { name: string }[] }).streams.map(({ name }) => name);
  }
  const facts = { streams, agentFlushMs: DEFAULTS.agentFlushMs };
  const found = checked.flatMap(({ file, rules }) =>
    rules.flatMap((rule) =>
      lintRule(rule, facts).map((warning) => ({ file, line: rule.line, ...warning })),
    ),
  );
  if (flags.json === true) {
    context.out(`${JSON.stringify(found)}\n`);
    return found.length === 0 ? 0 : 1;
  }
  const paint = createPaint(context.colors);
  for (const { file, line, rule, code, message, hint } of found) {
    context.out(`${file}:${line}: ${rule}: ${paint('yellow', code)}: ${message}\n    ${hint}\n`);
  }
  if (found.length === 0) context.out('nothing to say\n');
  return found.length === 0 ? 0 : 1;
}
