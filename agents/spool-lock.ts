/**
 * Which processes that share a directory are alive. A process id says so only to those who see the
 * same ids: two containers with one volume may both be process 1. So each listens on a socket file
 * in the directory for as long as it lives, which the kernel itself ends with the process, and
 * which whoever has the directory can try, whatever namespaces they are in.
 *
 * Where a directory cannot hold sockets, ids have to do, as they do for folders of such processes.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { readdir, rename, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';

const ENDING = '.alive';
/** Of the address of a socket file, on every system; longer ones go by way of a descriptor. */
const PATH_BYTES_MAX = 100;
/** Of a process that cannot listen. */
export const WITHOUT_SOCKET = 'nosocket';

export interface RunLock {
  /** What the process is called in this directory. */
  readonly run: string;
  release(): void;
}

/** Listens until `release`. Never rejects. */
export async function holdRun(directory: string): Promise<RunLock> {
  const run = randomBytes(6).toString('hex');
  const file = run + ENDING;
  const server = createServer((socket) => socket.destroy());
  // Under its name only once it answers, so that nobody takes it for one that does not any more.
  const at = addressOf(directory, `.${run}`);
  const isListening =
    (await listens(server, at.path)) && (await renamed(directory, `.${run}`, file));
  at.close();
  // A process that has nothing else to do ends.
  if (isListening) server.unref();
  return {
    run: isListening ? run : WITHOUT_SOCKET,
    release: () => {
      server.close();
      if (isListening) void unlink(join(directory, file)).catch(() => undefined);
    },
  };
}

/** Whether the process that is called so is alive. Never rejects. */
export async function isRunHeld(directory: string, run: string, pid: number): Promise<boolean> {
  if (run === WITHOUT_SOCKET) return pid !== process.pid && isAlive(pid);
  const at = addressOf(directory, run + ENDING);
  const held = await answers(at.path);
  at.close();
  return held;
}

/** Removes what processes without folders have left. Never rejects. */
export async function sweepRuns(directory: string, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const run = name.slice(0, -ENDING.length);
    if (!name.endsWith(ENDING) || keep.has(run)) continue;
    if (await isRunHeld(directory, run, 0)) continue;
    await unlink(join(directory, name)).catch(() => undefined);
  }
}

interface Address {
  readonly path: string;
  readonly close: () => void;
}

/** Linux leads through a descriptor of the directory where its path is too long. */
function addressOf(directory: string, file: string): Address {
  const path = join(directory, file);
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return { path, close: () => undefined };
  try {
    const descriptor = openSync(directory, 'r');
    const through = `/proc/self/fd/${descriptor}/${file}`;
    return { path: through, close: () => closeSync(descriptor) };
  } catch {
    // The directory is gone, and who tries the path is told.
    return { path, close: () => undefined };
  }
}

async function renamed(directory: string, from: string, to: string): Promise<boolean> {
  try {
    await rename(join(directory, from), join(directory, to));
    return true;
  } catch {
    // A file system that has sockets and does not let them be renamed is as one that has none.
    return false;
  }
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    // A worker of a cluster listens by itself: the socket has to end with it.
    server.listen({ path, exclusive: true }, () => {
      server.on('error', () => undefined);
      resolve(true);
    });
  });
}

/** Nobody there, or no such file: it has ended. Anything else may be somebody who is busy. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
