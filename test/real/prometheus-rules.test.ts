/**
 * The migration example of docs/alerting.md: Prometheus' promtool finds of its rule what
 * `squilla rules test` finds of ours, which test/unit/alert/alerting-docs.test.ts runs.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readText } from '../../scripts/source-files.ts';
import { endAll, temporaryFolder } from '../support/engine-process.ts';
import { describeReal } from '../support/real.ts';

afterEach(endAll);

const PAGE = readText('docs/alerting.md');

function fence(info: string): string {
  const found = [...PAGE.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].find(([, own]) => own === info);
  return found?.[2] ?? '';
}

describeReal('rules of Prometheus', ['promtool'], ({ promtool }) => {
  test.each([
    ['as they are', fence('yaml theirs test'), 0],
    // It would not pass whatever the rule says.
    ['a minute too soon', fence('yaml theirs test').replace('eval_time: 8m', 'eval_time: 7m'), 1],
  ])('%s', (_, text, status) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'theirs.yaml'), fence('yaml theirs rules'));
    writeFileSync(join(folder, 'test.yaml'), text);
    const run = spawnSync(promtool, ['test', 'rules', 'test.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(run.status, run.stdout + run.stderr).toBe(status);
  });
});
