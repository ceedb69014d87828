/**
 * Loaded before an engine by `--import`, into each of its threads, with `--expose-gc`: collects
 * garbage again and again, so that what a process holds is what it needs.
 */
const EVERY_MS = 2_000;

setInterval(() => globalThis.gc?.(), EVERY_MS).unref();
