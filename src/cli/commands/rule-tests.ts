/** `squilla rules test`: unit tests of rules, readable and as JUnit XML. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { runRuleTest } from '../../alert/rule-test.ts';
import type { RuleTestResult } from '../../alert/rule-test.ts';
import { ruleTestFileShape } from '../../alert/rule-test-shape.ts';
import { err } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import { yamlValue } from '../../core/yaml-text.ts';
import { NOTHING_SAVED } from '../../alert/rule-scope.ts';
import type { ViewDefinitions } from '../../plan/plan-views.ts';
import { callApi } from '../api.ts';
import { readSavedFiles } from '../saved-files.ts';
import type { CliContext } from '../context.ts';
import type { RuleTestFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';
import { printMistakes, readRuleFiles, savedIn } from './rule-files.ts';
import { printSavedMistakes } from './saved-check.ts';

interface Suite {
  readonly file: string;
  readonly results: readonly RuleTestResult[];
}

export async function rulesTestCommand(
  files: readonly string[],
  flags: RuleTestFlags,
  context: CliContext,
): Promise<number> {
  const known = await savedOfEngine(flags, context);
  if (known === null) return 1;
  const suites: Suite[] = [];
  for (const file of files) {
    const results = runFile(file, known, context);
    if (results === null) return 1;
    suites.push({ file, results });
  }
  const paint = createPaint(context.colors);
  for (const { results } of suites) {
    for (const { name, failures } of results) {
      const mark = failures.length === 0 ? paint('green', 'ok  ') : paint('red', 'FAIL');
      context.out(`${mark} ${name}\n`);
      for (const failure of failures) context.out(`  ${failure}\n`);
    }
  }
  const all = suites.flatMap(({ results }) => results);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  context.out(`${all.length - failed} passed, ${failed} failed\n`);
  if (flags.junit !== undefined) writeFileSync(flags.junit, junitXml(suites));
  return failed === 0 ? 0 : 1;
}

/** What an engine has saved; null: it cannot be asked, which was said. */
async function savedOfEngine(
  { url, ...access }: RuleTestFlags,
  context: CliContext,
): Promise<ViewDefinitions | null> {
  if (url === undefined) return NOTHING_SAVED;
  const answer = await callApi({ ...access, url }, '/api/v1/saved-queries');
  if (answer.ok) return savedIn(answer.body);
  context.err(`${answer.message}\n`);
  return null;
}

/** Null: the file cannot be used, which was said. `known`: saved queries that it need not name. */
function runFile(
  file: string,
  known: ViewDefinitions,
  context: CliContext,
): readonly RuleTestResult[] | null {
  const read = readTests(file);
  if (!read.ok) {
    context.err(`${file}: ${read.error}\n`);
    return null;
  }
  const parsed = ruleTestFileShape.safeParse(read.value);
  if (!parsed.success) {
    context.err(`${file}: not a file of rule tests\n${z.prettifyError(parsed.error)}\n`);
    return null;
  }
  const { queries, rules: names, tests } = parsed.data;
  const from = (name: string): string => join(dirname(file), name);
  const saved = queries === undefined ? known : savedOfFiles(queries.map(from), context);
  const checked = saved === null ? null : readRuleFiles(names.map(from), context, saved);
  if (saved === null || checked === null || printMistakes(checked, context)) return null;
  const [waiting] = checked.flatMap((one) => one.waiting);
  if (waiting !== undefined) {
    const hint = 'name where saved queries are (`queries: [../queries]`), or an engine (`--url`)';
    context.err(`${file}: ${waiting.rule.name} cannot be tested without its query: ${hint}\n`);
    return null;
  }
  const rules = checked.flatMap((one) => one.rules);
  return tests.map((test) => runRuleTest(test, rules, saved));
}

/** Null: there are mistakes, which were said. */
function savedOfFiles(paths: readonly string[], context: CliContext): ViewDefinitions | null {
  try {
    const { mistakes, saved } = readSavedFiles(paths);
    printSavedMistakes(mistakes, context);
    return mistakes.some(({ severity }) => severity === 'error') ? null : saved;
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}

function readTests(file: string): Result<unknown, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  return yamlValue(text);
}

function junitXml(suites: readonly Suite[]): string {
  const body = suites.map(({ file, results }) => {
    const failed = results.filter(({ failures }) => failures.length > 0).length;
    const cases = results.map(({ name, failures }) => {
      const open = `    <testcase classname="${xml(file)}" name="${xml(name)}"`;
      if (failures.length === 0) return `${open}/>`;
      const text = xml(failures.join('\n'));
      return `${open}>\n      <failure message="${xml(failures[0] ?? '')}">${text}</failure>\n    </testcase>`;
    });
    const head = `  <testsuite name="${xml(file)}" tests="${results.length}" failures="${failed}">`;
    return [head, ...cases, '  </testsuite>'].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body.join('\n')}\n</testsuites>\n`;
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
