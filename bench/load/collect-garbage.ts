/**
 * Loaded before an engine by `--import`, into each of its threads, with `--expose-gc`: collects
 * garbage again and again, so that what the process holds is what it needs, and writes how many
 * bytes that are, on the heap and beside it, to the file of the thread in `?folder=`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const EVERY_MS = 1_000;
const folder = new URL(import.meta.url).searchParams.get('folder') ?? '.';

setInterval(() => {
  globalThis.gc?.();
  const { external, heapUsed } = process.memoryUsage();
  writeFileSync(join(folder, String(threadId)), String(heapUsed + external));
}, EVERY_MS).unref();
