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
import type { CliContext } from '../context.ts';
import type { RuleTestFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';
import { printMistakes, readRuleFiles } from './rule-files.ts';

interface Suite {
  readonly file: string;
  readonly results: readonly RuleTestResult[];
}

export function rulesTestCommand(
  files: readonly string[],
  flags: RuleTestFlags,
  context: CliContext,
): number {
  const suites: Suite[] = [];
  for (const file of files) {
    const results = runFile(file, context);
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

/** Null: the file cannot be used, which was said. */
function runFile(file: string, context: CliContext): readonly RuleTestResult[] | null {
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
  const { rules: names, tests } = parsed.data;
  const checked = readRuleFiles(
    names.map((name) => join(dirname(file), name)),
    context,
  );
  if (checked === null || printMistakes(checked, context)) return null;
  const rules = checked.flatMap((one) => one.rules);
  return tests.map((test) => runRuleTest(test, rules));
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
