/**
 * Whose files are whose: every process that spools has a folder of its own in the directory of its
 * service, named after it, and takes over the folders of processes of the service that have ended,
 * by renaming them, which only one can do. Who has ended is what `spool-lock.ts` says.
 */
import { mkdir, open, readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { holdRun, isRunHeld, sweepRuns, WITHOUT_SOCKET } from './spool-lock.ts';
import type { RunLock } from './spool-lock.ts';

const SUFFIX = '.spool';
/** Service, process id for people, milliseconds, run, number. */
const FOLDER = /^(.*)@(\d+)-(\d+)-([0-9a-z]+)-(\d+)$/;

/** Folders that spools of this process have open. */
const ours = new Set<string>();
/** What this process is called in each directory that it has folders in. */
const locks = new Map<string, { readonly lock: Promise<RunLock>; folders: number }>();
let count = 0;

/** A folder that nothing else has. @throws What the file system says. */
export async function ownFolder(
  directory: string,
  service: string,
  nowMs: number,
): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = await nextName(directory, service, nowMs);
  await mkdir(join(directory, name), { mode: 0o700 });
  return name;
}

/** Takes over what is left; names of folders, oldest first. */
export async function adoptFolders(
  directory: string,
  service: string,
  nowMs: number,
): Promise<readonly string[]> {
  const adopted: string[] = [];
  const runs = new Set<string>();
  for (const name of (await readdir(directory)).toSorted(byAge)) {
    const [, owner, pid, , run = ''] = FOLDER.exec(name) ?? [];
    if (owner === undefined) continue;
    runs.add(run);
    if (owner !== encodeURIComponent(service) || (await isInUse(directory, name, run, Number(pid))))
      continue;
    const own = await nextName(directory, service, nowMs);
    try {
      await rename(join(directory, name), join(directory, own));
      adopted.push(own);
    } catch {
      // Another process of the service was faster.
      leaveFolder(directory, own);
    }
  }
  await sweepRuns(directory, runs);
  return adopted;
}

/** Its files, oldest first. @throws What the file system says. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  return names.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

export function fileName(number: number): string {
  return `${number}${SUFFIX}`;
}

/** If it is empty. */
export async function releaseFolder(directory: string, name: string): Promise<void> {
  await rmdir(join(directory, name)).catch(() => undefined);
}

/** No agent of this process has it open any more. */
export function leaveFolder(directory: string, name: string): void {
  if (!ours.delete(name)) return;
  const held = locks.get(directory);
  if (held === undefined || --held.folders > 0) return;
  locks.delete(directory);
  void held.lock.then((lock) => lock.release());
}

/** What the folder lists is on the disk. Systems that do not sync folders need not. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function nextName(directory: string, service: string, nowMs: number): Promise<string> {
  let held = locks.get(directory);
  if (held === undefined) locks.set(directory, (held = { lock: holdRun(directory), folders: 0 }));
  held.folders++;
  const { run } = await held.lock;
  const name = `${encodeURIComponent(service)}@${process.pid}-${Math.floor(nowMs)}-${run}-${++count}`;
  ours.add(name);
  return name;
}

/** What this process closed it may open again. */
async function isInUse(
  directory: string,
  name: string,
  run: string,
  pid: number,
): Promise<boolean> {
  if (ours.has(name)) return true;
  const mine = await locks.get(directory)?.lock;
  const isMine = run !== WITHOUT_SOCKET && mine?.run === run;
  return !isMine && (await isRunHeld(directory, run, pid));
}

function byAge(a: string, b: string): number {
  return Number(FOLDER.exec(a)?.[3] ?? 0) - Number(FOLDER.exec(b)?.[3] ?? 0);
}
