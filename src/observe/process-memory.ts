/**
 * Memory of this process. Node opens a file to find out, so a process without a descriptor left,
 * for instance because a thousand strangers are connected, gets what was read last: how much memory
 * there is must never be what ends an engine.
 */
export interface ProcessMemory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

const OUT_OF_DESCRIPTORS = new Set(['EMFILE', 'ENFILE']);

let last: ProcessMemory = { residentBytes: 0, heapBytes: 0 };

export function processMemory(): ProcessMemory {
  try {
    const { rss, heapUsed } = process.memoryUsage();
    last = { residentBytes: rss, heapBytes: heapUsed };
  } catch (error) {
    if (!OUT_OF_DESCRIPTORS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return last;
}
