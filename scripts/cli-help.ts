/** The help of every command as a document shows it, from the command line itself. */
import type { Command } from 'commander';
import type { CliContext } from '../src/cli/context.ts';
import { createProgram } from '../src/cli/program.ts';

const COLUMNS = 100;

/** One heading and one fenced block a command, in the order `--help` lists them. */
export function cliHelp(): string {
  const program = createProgram(QUIET, { up: () => Promise.resolve(0) }, () => undefined);
  return commandsOf(program, 'squilla')
    .map(({ name, command }) => `## ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``)
    .join('\n\n');
}

function commandsOf(command: Command, name: string): { name: string; command: Command }[] {
  const below = command.commands.flatMap((child) => commandsOf(child, `${name} ${child.name()}`));
  return [{ name, command }, ...below];
}

/** As the terminal shows it, examples included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  // Wrapped lines end in blanks, which editors and formatters take away.
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

const QUIET: CliContext = {
  version: '0.0.0',
  out: () => undefined,
  err: () => undefined,
  isTerminal: false,
  columns: COLUMNS,
  colors: false,
  now: () => 0,
  readStdin: () => process.stdin,
  signal: new AbortController().signal,
};
