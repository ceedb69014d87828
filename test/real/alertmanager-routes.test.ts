/**
 * The migration example of the documents: alerts with all kinds of labels reach the same receivers
 * by Alertmanager's configuration, asked with its own amtool, and by what is made of it.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readNotifyConfig } from '../../src/alert/notify/read-config.ts';
import { routeTree } from '../../src/alert/notify/routing.ts';
import { routeTest } from '../../src/alert/notify/views.ts';
import { fromAlertmanager } from '../../src/alert/notify/from-alertmanager.ts';
import { assert } from '../../src/core/assert.ts';
import { THEIRS } from '../support/alertmanager-example.ts';
import { endAll, temporaryFolder } from '../support/engine-process.ts';
import { describeReal } from '../support/real.ts';

afterEach(endAll);

const VALUES = {
  severity: ['critical', 'warning', 'info', null],
  service: ['player', 'catalogue', 'search', 'players', null],
  region: ['eu', 'lab', null],
} as const;

describeReal('routes', ['amtool'], (paths) => {
  test('of the example lead where they led', () => {
    const file = join(temporaryFolder(), 'alertmanager.yml');
    // Debian's amtool of 2022 has no api_url_file for Slack.
    writeFileSync(file, THEIRS.replace(/api_url_file: .* }/, "api_url: 'https://slack.test/x' }"));
    const ours = ourRoutes();
    for (const labels of combinations()) {
      const args = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      const asked = ['config', 'routes', 'test', `--config.file=${file}`, ...args];
      const { stdout, stderr, status } = spawnSync(paths.amtool, asked, { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      expect(`${args.join(' ')}: ${ours(labels).join(',')}`).toBe(
        `${args.join(' ')}: ${stdout.trim()}`,
      );
    }
  });
});

type Labels = Readonly<Record<string, string>>;

/** Names of receivers as they were there: `name-2` is the second config of `name`. */
function ourRoutes(): (labels: Labels) => string[] {
  const converted = fromAlertmanager(THEIRS);
  assert(converted.ok, () => 'not converted');
  const text = converted.value.text.replaceAll(/(Env|File): .*/g, 'Env: PATH');
  const read = readNotifyConfig([{ path: 'ours.yaml', text }]);
  assert(read.ok, () => (read.ok ? '' : read.error.join('\n')));
  const { route } = read.value;
  assert(route !== null, () => 'no route');
  const tree = routeTree(route);
  return (labels) => [
    ...new Set(routeTest(tree, labels).map(({ receiver }) => receiver.replace(/-\d$/, ''))),
  ];
}

function combinations(): Labels[] {
  let all: Labels[] = [{ alertname: 'x' }];
  for (const [name, values] of Object.entries(VALUES)) {
    all = all.flatMap((labels) =>
      values.map((value) => (value === null ? labels : { ...labels, [name]: value })),
    );
  }
  return all;
}
