/** Unit tests of rules on saved queries, as a user runs them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rulesTestCommand } from '../../../src/cli/commands/rule-tests.ts';

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squilla-rule-tests-'));
  said = '';
  write('rules.yaml', 'name: few\nsaved: counts\nwhen: n < 5\nfor: 20s\n');
  mkdirSync(join(folder, 'queries'));
  write('queries/by.mql', '-- params: least=0\nselect region, 1 as one from plays\n');
  write(
    'queries/counts.yaml',
    'name: counts\nquery: select count(*) as n from plays window 10s group by region\n',
  );
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function run(head: string): Promise<number> {
  const file = write(
    'test.yaml',
    `${head}rules: [rules.yaml]
tests:
  - name: series
    series: [{ region: eu, n: '9x3 1x3 9x2' }]
    expect: [{ at: 60s, key: { region: eu }, state: firing }]
  - name: events
    events: [{ stream: plays, to: 30s, every: 1s, event: { region: eu } }]
    for: 90s
    expect: [{ at: 20s, key: { region: eu }, state: ok }]
`,
  );
  const say = (text: string): void => void (said += text);
  return rulesTestCommand([file], {}, { out: say, err: say, colors: false } as never);
}

test('queries are found where the test file says', async () => {
  expect([await run('queries: [queries]\n'), said]).toEqual([
    0,
    'ok   series\nok   events\n2 passed, 0 failed\n',
  ]);
});

test('a query that is not there is said, and how to name it', async () => {
  expect(await run('')).toBe(1);
  expect(said).toContain('there is no saved query `counts`');
  expect(said).toContain('`queries: [../queries]`');
});

test('what is wrong with a query is said at its place', async () => {
  write('queries/counts.yaml', 'name: counts\nquery: select frobnicate(a) from plays\n');
  expect(await run('queries: [queries]\n')).toBe(1);
  expect(said).toMatch(/error: counts\.yaml:2:\d+: .*frobnicate/i);
});
