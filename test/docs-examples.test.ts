/** Runs what the documents show: queries over the events of the page, and commands in a shell. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { World } from '../agents/demo/world.ts';
import { ROOT, readText } from '../scripts/source-files.ts';
import { checkRules } from '../src/alert/check-rules.ts';
import { scopeAlone } from '../src/alert/rule-scope.ts';
import { AGGREGATES } from '../src/aggregate/catalogue.ts';
import { FUNCTIONS } from '../src/ir/functions.ts';
import { readConfigFile } from '../src/main/config-file.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import { evaluate } from '../src/reference/evaluate.ts';
import { examplesOf } from './support/doc-examples.ts';

const LANGUAGE = examplesOf(readText('docs/language.md'));
const README = examplesOf(readText('README.md'));

const LOADER = import.meta.resolve('tsx');

/** `abs(-2) → 2`; some show two, with a comma between. */
const SHOWN = FUNCTIONS.flatMap(({ name, example }) =>
  example.split(/(?<=→ (?:true|false)), /).map((text) => {
    const [expression = '', value = ''] = text.split(' → ');
    return { name, expression, value: value.replace(/ when .*$/, '') };
  }),
);
/** What `now()` is in the examples of the functions of time. */
const EXAMPLE_NOW_MS = 1_763_683_200_000;

describe('docs/language.md', () => {
  test.each(LANGUAGE.rows)('line $line: $query', async ({ query, rows, ...input }) => {
    const { events, params, tables, views } = input;
    const answer = await evaluate(query, events, { params, tables, views });
    expect(answer.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(answer.rows.map((row) => JSON.stringify(row)).join('\n')).toBe(rows);
  });

  test.each(LANGUAGE.live)('can run live: %s', (query) => {
    const { plan, diagnostics } = planQuery(query, { mode: 'live' });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(plan).not.toBeNull();
  });

  test.each(LANGUAGE.unsupported)('is said not to run yet: %s', (query) => {
    const { plan, diagnostics } = planQuery(query, { mode: 'live' });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect([plan, ...new Set(errors.map(({ code }) => code))]).toEqual([null, 'MQL_NOT_SUPPORTED']);
  });

  test('its alert rule is one, and its query runs', () => {
    const [rule = ''] = fencesIn('docs/language.md', 'yaml rule');
    const checked = checkRules(rule, scopeAlone());
    expect(checked.mistakes).toEqual([]);
    expect(checked.rules).toHaveLength(1);
  });

  test.each(SHOWN)('$name: $expression is $value', async ({ expression, value }) => {
    const { rows, diagnostics } = await evaluate(`select ${expression} as v`, [{}], {
      now: EXAMPLE_NOW_MS,
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const shown: unknown = JSON.parse(value.replaceAll("'", '"'));
    expect(rows[0]?.['v'] ?? null).toEqual(shown);
  });

  test('the events of the page have fields that the demo publishes', () => {
    const published = new Map<string, Set<string>>();
    const world = new World({ seed: 1, eventsPerSecond: 2_000, dayMs: 600_000 });
    world.step(0, 1_000, (_region, stream, event) => {
      published.set(stream, new Set(['ts', ...Object.keys(event)]));
    });
    for (const stream of ['plays', 'requests']) {
      const shown = LANGUAGE.events.get(stream)?.flatMap((event) => Object.keys(event)) ?? [];
      expect(shown.length).toBeGreaterThan(0);
      expect(shown.filter((field) => published.get(stream)?.has(field) !== true)).toEqual([]);
    }
  });

  test('every aggregate has an example', () => {
    const queries = LANGUAGE.rows.map(({ query }) => query.toLowerCase()).join('\n');
    const words: Readonly<Record<string, string>> = { quantile: 'percentile', first_event: 'path' };
    const unseen = [...AGGREGATES.keys()].filter(
      (name) =>
        !queries.includes(name === 'first_event' ? 'path, count' : `${words[name] ?? name}(`),
    );
    expect(unseen).toEqual([]);
  });

  test.each([...AGGREGATES.values()])('the example of $name runs', async ({ example }) => {
    const { rows, diagnostics } = await evaluate(example, {
      requests: [{ durMs: 1, status: 500 }],
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(rows).toHaveLength(1);
  });
});

describe('settings and messages', () => {
  test.each(['docs/agents.md', 'docs/operations.md', 'docs/configuration.md', 'docs/sources.md'])(
    '%s shows a good squilla.yaml',
    (path) => {
      const [yaml = ''] = fencesIn(path, 'yaml');
      const result = readConfigFile(yaml, () => 'a secret of more than 16 characters');
      expect(result).toMatchObject({ ok: true });
    },
  );

  test('docs/reliability.md shows a completeness as it is', async () => {
    const [shown = ''] = fencesIn('docs/reliability.md', 'json');
    const { completeness } = await evaluate('select count(*)', []);
    expect(shapeOf(JSON.parse(shown))).toEqual(shapeOf(completeness));
  });
});

describe('README.md', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'squilla-docs-'));
    const entry = fileURLToPath(new URL('./support/cli-entry.ts', import.meta.url));
    const script = (file: string): string =>
      `#!/bin/sh\nexec '${process.execPath}' --import '${LOADER}' ${file} "$@"\n`;
    writeFileSync(join(folder, 'squilla'), script(`'${entry}'`), { mode: 0o755 });
    writeFileSync(join(folder, 'run-ts'), script(''), { mode: 0o755 });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('shows commands that need no engine', () => {
    expect(README.commands.length).toBeGreaterThan(1);
  });

  test.each(README.commands)('line $line: $command', ({ language, command, output }) => {
    if (language === 'ts') {
      const library = pathToFileURL(join(ROOT, 'src/index.ts')).href;
      writeFileSync(join(folder, 'example.mts'), command.replace("'squilla'", `'${library}'`));
    }
    const line = language === 'ts' ? 'run-ts example.mts' : command;
    const { stdout, stderr } = spawnSync('sh', ['-c', line], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    expect(`${stdout}${stderr}`.trimEnd()).toBe(output);
  });
});

function fencesIn(path: string, info: string): string[] {
  const fences = readText(path).matchAll(new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...fences].map((match) => match[1] ?? '');
}

/** Names of members and types of values, lists and maps of counts aside. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}
