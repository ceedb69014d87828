#!/usr/bin/env node
/** The `squilla` command: hands the process' streams and signals to the command line. */
import { createReadStream } from 'node:fs';
import process from 'node:process';
import { isatty } from 'node:tty';
import type { CliContext } from './cli/context.ts';
import { runCli } from './cli/program.ts';
import { systemClock } from './core/clock.ts';
import { readVersion } from './main/version.ts';

const interrupted = new AbortController();
let listening = false;

// A reader that went away (`squilla … | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const isTerminal = isatty(process.stdout.fd);
const context: CliContext = {
  version: readVersion(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal,
  columns: process.stdout.columns ?? 120,
  colors: isTerminal && process.env['NO_COLOR'] === undefined,
  now: () => systemClock.now(),
  readStdin: () => (process.stdin.destroyed ? createReadStream('/dev/null') : process.stdin),
  get signal() {
    listenForSignals();
    return interrupted.signal;
  },
};

const exitCode = await runCli(process.argv.slice(2), context, {
  up: async (flags) => {
    const { upCommand } = await import('./main/up.ts');
    return upCommand(flags, context);
  },
});
// Output that a pipe has not taken yet must not be cut off.
process.exitCode = exitCode;
if (process.stdout.writableLength === 0) process.exit(exitCode);
process.stdout.once('drain', () => process.exit(exitCode));

function listenForSignals(): void {
  if (listening) return;
  listening = true;
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
}
