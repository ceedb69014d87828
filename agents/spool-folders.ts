/**
 * Whose files are whose: every process that spools has a folder of its own in the directory of its
 * service, named after it, and takes over the folders of processes of the service that have ended,
 * by renaming them, which only one can do.
 */
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const SUFFIX = '.spool';
const FOLDER = /^(.*)@(\d+)-(\d+)-(\d+)$/;

/** Folders of this process, so that a process id that is used again is told apart. */
const ours = new Set<string>();
let count = 0;

/** A folder that nothing else has. @throws What the file system says. */
export async function ownFolder(
  directory: string,
  service: string,
  nowMs: number,
): Promise<string> {
  const name = nextName(service, nowMs);
  await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  return name;
}

/** Takes over what is left; names of folders, oldest first. */
export async function adoptFolders(
  directory: string,
  service: string,
  nowMs: number,
): Promise<readonly string[]> {
  const adopted: string[] = [];
  for (const name of (await readdir(directory)).toSorted(byAge)) {
    const [, owner, pid] = FOLDER.exec(name) ?? [];
    if (owner !== encodeURIComponent(service) || ours.has(name) || isAlive(Number(pid))) continue;
    const own = nextName(service, nowMs);
    try {
      await rename(join(directory, name), join(directory, own));
      adopted.push(own);
    } catch {
      // Another process of the service was faster.
      ours.delete(own);
    }
  }
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
export function leaveFolder(name: string): void {
  ours.delete(name);
}

function nextName(service: string, nowMs: number): string {
  const run = `${process.pid}-${Math.floor(nowMs)}-${++count}`;
  const name = `${encodeURIComponent(service)}@${run}`;
  ours.add(name);
  return name;
}

function byAge(a: string, b: string): number {
  return Number(FOLDER.exec(a)?.[3] ?? 0) - Number(FOLDER.exec(b)?.[3] ?? 0);
}

/** Our own id on a folder that is not ours is that of a process before us. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
