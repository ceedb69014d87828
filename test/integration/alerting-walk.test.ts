/**
 * The newcomer's walk of docs/alerting.md: its files and its commands, as they stand there, in one
 * shell beside an engine with the demo's fleet. Only waits are others: recordings are shorter, and
 * `sleep` lasts until there is something to see.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readText } from '../../scripts/source-files.ts';
import { DEFAULTS } from '../../src/config.ts';
import {
  endAll,
  QUICK,
  start,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { Settings } from '../support/engine-process.ts';

const PAGE = readText('docs/alerting.md');
/** What the page has a newcomer wait for, half a minute on an idle machine. */
const TEST_MS = 180_000;

afterEach(endAll);

/** Leases as they ship: a busy machine must not look like dead agents. */
const SHIPPED = Object.fromEntries(
  Object.keys(QUICK).map((name) => [name, DEFAULTS[name as keyof typeof DEFAULTS]]),
) as Settings;

/** Bodies of the fences with exactly this info, in order. */
function fences(info: string): string[] {
  return [...PAGE.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === info)
    .map(([, , body = '']) => body);
}

/** First until the rule is evaluated, then until a page about it was sent. */
const SLEEP = `
sleeps=0
sleep() {
  sleeps=$((sleeps + 1))
  for _ in $(seq 120); do
    if [ $sleeps = 1 ]; then squilla rules list | grep -q 'sps-drop  *ok  *ok' && return
    else squilla notifications | grep -q 'firing  *sps-drop  *sent' && return
    fi
    command sleep 0.5
  done
  echo "not in time: sleep $1" >&2
  exit 1
}
`;

test(
  'the commands of docs/alerting.md lead from a query to a page',
  async () => {
    const folder = temporaryFolder();
    symlinkSync(join(import.meta.dirname, '../../dist'), join(folder, 'dist'));
    mkdirSync(join(folder, 'rules/tests'), { recursive: true });
    const engine = await startEngine({
      settings: SHIPPED,
      flags: ['--demo', '--rules', join(folder, 'rules')],
    });
    const isOffered = async (): Promise<boolean> => {
      const { streams } = (await engine.get('/api/v1/streams')) as { streams: { name: string }[] };
      return streams.some(({ name }) => name === 'plays');
    };
    await until(isOffered, 'the fleet of the demo', 30_000);
    writeFileSync(join(folder, 'rules/sps.yaml'), fences('yaml rules sps')[0] ?? '');
    writeFileSync(join(folder, 'rules/tests/sps.yaml'), fences('yaml test sps')[0] ?? '');
    writeFileSync(join(folder, 'notify.yaml'), fences('yaml notify walk')[0] ?? '');
    // The alias has to be there before a function can use it.
    const [alias = '', ...others] = fences('sh walk');
    const commands = [alias, SLEEP, ...others].join('\n').replaceAll(/--for \d+s/g, '--for 3s');
    expect(commands.match(/^squilla/gm)?.length).toBeGreaterThan(12);
    const script = join(folder, 'walk.sh');
    writeFileSync(script, `shopt -s expand_aliases\nset -e\ncd '${folder}'\n${commands}`);
    const shell = start('bash', [script], { SQUILLA_URL: engine.url });
    shell.child.stdin?.end();
    const code = await shell.exited;
    const said = shell.out();
    expect([shell.err(), code]).toEqual(['', 0]);
    for (const words of [
      '1 rule, no mistakes',
      'nothing to say',
      'outage in eu-west has begun',
      'sps < 12 for 10 s',
      '[FIRING] sps-drop (region=eu-west): Starts in eu-west fell to',
      'longest gap',
      'all incidents are over',
      '2 receivers',
      '3 passed, 0 failed',
    ]) {
      expect(said).toContain(words);
    }
    expect(said).toMatch(/seen {4}complete: \d+ of \d+ agents/);
    expect(said).toMatch(/^oncall/m);
    expect(said).toMatch(/^team/m);
  },
  TEST_MS,
);
