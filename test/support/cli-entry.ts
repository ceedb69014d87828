/**
 * The `squilla` command straight from its sources, as a process, for commands without an engine.
 */
import type { CliContext } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/program.ts';

const context: CliContext = {
  version: '0.0.0',
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: false,
  columns: 100,
  colors: false,
  now: () => 0,
  readStdin: () => process.stdin,
  signal: new AbortController().signal,
};

process.exitCode = await runCli(process.argv.slice(2), context, {
  up: () => Promise.reject(new Error('there is no engine here')),
});
