/** The commands of boards and annotations: names, options and help texts. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import type { AnnotateFlags, AnnotationsFlags, BoardFlags, ClientFlags } from './flags.ts';
import { client, examples, listed, wholeNumber } from './options.ts';
import type { Exit } from './options.ts';

export function addBoards(program: Command, context: CliContext, exit: Exit): void {
  const boards = program.command('boards').description('boards: panels on a grid, as YAML');
  client(boards.command('list'))
    .description('list the boards of an engine, and where they come from')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla boards list'))
    .action(async (flags: ClientFlags) => {
      const { boardsListCommand } = await import('./commands/boards.ts');
      exit(await boardsListCommand(flags, context));
    });
  client(boards.command('show').argument('<name>', 'the board'))
    .description('print a board as YAML, to begin a file with')
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', examples('squilla boards show http > boards/http.yaml'))
    .action(async (name: string, flags: ClientFlags) => {
      const { boardsShowCommand } = await import('./commands/boards.ts');
      exit(await boardsShowCommand(name, flags, context));
    });
  boards
    .command('check')
    .argument('<files...>', 'board files')
    .description('say what is wrong with board files, without an engine')
    .option('--json', 'print mistakes as JSON')
    .addHelpText('after', examples('squilla boards check boards/*.yaml'))
    .action(async (files: string[], flags: { readonly json?: boolean }) => {
      const { boardsCheckCommand } = await import('./commands/boards.ts');
      exit(boardsCheckCommand(files, flags, context));
    });
  addChanges(boards, context, exit);
}

function addChanges(boards: Command, context: CliContext, exit: Exit): void {
  client(boards.command('apply').argument('<files...>', 'board files'))
    .description('make an engine show these boards; those that are the same stay')
    .option('--if-version <n>', 'only if it is still this version (0: if it is new)', wholeNumber)
    .addHelpText('after', examples('squilla boards apply boards/*.yaml'))
    .action(async (files: string[], flags: BoardFlags) => {
      const { boardsApplyCommand } = await import('./commands/boards.ts');
      exit(await boardsApplyCommand(files, flags, context));
    });
  client(boards.command('rm').argument('<name>', 'the board'))
    .description('remove a board; one that came with Squilla comes back')
    .option('--if-version <n>', 'only if it is still this version', wholeNumber)
    .addHelpText('after', examples('squilla boards rm checkout'))
    .action(async (name: string, flags: BoardFlags) => {
      const { boardsRemoveCommand } = await import('./commands/boards.ts');
      exit(await boardsRemoveCommand(name, flags, context));
    });
}

export function addAnnotations(program: Command, context: CliContext, exit: Exit): void {
  client(program.command('annotate').argument('<title>', 'what happened'))
    .description('say that something happened, such as a deployment: charts show it')
    .option('--text <text>', 'more about it')
    .option('--tag <tag>', 'deploy, service:web (repeatable)', listed, [])
    .option('--time <time>', 'when: milliseconds or ISO 8601 (default: now)')
    .option('--end <time>', 'until when')
    .addHelpText(
      'after',
      examples("squilla annotate 'deploy web 1.4.2' --tag deploy --tag service:web"),
    )
    .action(async (title: string, flags: AnnotateFlags) => {
      const { annotateCommand } = await import('./commands/annotations.ts');
      exit(await annotateCommand(title, flags, context));
    });
  client(program.command('annotations'))
    .description('list what happened, newest first')
    .option('--tag <tag>', 'only those with it (repeatable)', listed, [])
    .option('--from <time>', 'milliseconds or ISO 8601')
    .option('--to <time>', 'milliseconds or ISO 8601')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla annotations --tag deploy'))
    .action(async (flags: AnnotationsFlags) => {
      const { annotationsCommand } = await import('./commands/annotations.ts');
      exit(await annotationsCommand(flags, context));
    });
}
