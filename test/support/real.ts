/**
 * Real programs that tests run against: nginx, wrk, Chromium and the like. One that is not
 * installed makes its tests skip under a name that says what to install; with
 * `SQUILLA_REAL=require` (as in `.ci/run`) it is a failure instead.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** Debian package of each program. */
const PACKAGES = {
  chromium: 'chromium',
  nginx: 'nginx-light',
  wrk: 'wrk',
  ab: 'apache2-utils',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  rsyslogd: 'rsyslog',
  amtool: 'prometheus-alertmanager',
  journalctl: 'systemd',
  'systemd-journal-remote': 'systemd-journal-remote',
} as const;

export type RealProgram = keyof typeof PACKAGES;

/** Daemons live in sbin, which an ordinary user's PATH lacks, and systemd's beside it. */
const EXTRA_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/lib/systemd'];

/** Absolute path of the program, or null if it is not installed. */
export function findReal(program: RealProgram): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_FOLDERS];
  for (const folder of folders) {
    const file = join(folder, program);
    if (isExecutable(file)) return file;
  }
  return null;
}

/** `describe` for tests that need real programs; `body` gets their paths. */
export function describeReal<P extends RealProgram>(
  name: string,
  programs: readonly P[],
  body: (paths: Readonly<Record<P, string>>) => void,
): void {
  const paths: Partial<Record<P, string>> = {};
  const absent: P[] = [];
  for (const program of programs) {
    const path = findReal(program);
    if (path === null) absent.push(program);
    else paths[program] = path;
  }
  if (absent.length === 0) {
    describe(name, () => body(paths as Record<P, string>));
    return;
  }
  const remedy = missing(absent);
  if (process.env['SQUILLA_REAL'] === 'require') throw new Error(`${name}: ${remedy}`);
  describe(name, () => test.skip(remedy, () => {}));
}

function missing(programs: readonly RealProgram[]): string {
  const packages = programs.map((program) => PACKAGES[program]).join(' ');
  return `${programs.join(', ')} not installed: apt install ${packages}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent or not ours to run: the caller looks further.
    return false;
  }
}
