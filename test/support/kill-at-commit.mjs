/**
 * Loaded into an engine before anything else (`--import`): kills its process at the n-th commit of
 * its store, before or after it, counted from when the file `armed` appears. Once: the next process
 * finds the file `done`. `SQUILLA_TEST_KILL` is `N:before|after:FOLDER`.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

let commits = 0;
const [number, side, folder] = (process.env.SQUILLA_TEST_KILL ?? '').split(':');
if (folder !== undefined && process.argv.some((text) => text.includes('engine-process'))) {
  const classes = await databaseClasses();
  for (const { prototype } of classes) watch(prototype);
}

/** What src/store/ opens databases with. */
async function databaseClasses() {
  const classes = [createRequire(import.meta.url)('libsql')];
  try {
    const { DatabaseSync } = await import('node:sqlite');
    classes.push(DatabaseSync);
  } catch {
    // Node before 22.5.
  }
  return classes;
}

function watch(prototype) {
  const { exec } = prototype;
  prototype.exec = function (sql) {
    const isCounted =
      sql === 'COMMIT' && existsSync(join(folder, 'armed')) && !existsSync(join(folder, 'done'));
    if (isCounted) commits += 1;
    const isTime = isCounted && commits === Number(number);
    if (isTime && side === 'before') die();
    const result = exec.call(this, sql);
    if (isTime) die();
    return result;
  };
}

function die() {
  writeFileSync(join(folder, 'done'), '');
  process.kill(process.pid, 'SIGKILL');
}
