/** The commands of saved queries and of those that run: names, options and help texts. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import type { ClientFlags, SavedPutFlags, SavedRemoveFlags, SeriesFlags } from './flags.ts';
import { client, collect, examples, wholeNumber } from './options.ts';
import type { Exit } from './options.ts';

export function addSaved(program: Command, context: CliContext, exit: Exit): void {
  const saved = program
    .command('saved')
    .description('queries that are kept under a name, and can be read in FROM');
  client(saved.command('list'))
    .description('list saved queries')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla saved list'))
    .action(async (flags: ClientFlags) => {
      const { savedListCommand } = await import('./commands/saved.ts');
      exit(await savedListCommand(flags, context));
    });
  client(saved.command('show').argument('<name>', 'the saved query'))
    .description('print the text of a saved query')
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', examples('squilla saved show sps_by_region'))
    .action(async (name: string, flags: ClientFlags) => {
      const { savedShowCommand } = await import('./commands/saved.ts');
      exit(await savedShowCommand(name, flags, context));
    });
  client(saved.command('rm').argument('<name>', 'the saved query'))
    .description('remove a saved query that no other reads')
    .option('--if-version <n>', 'only if it is still this version', wholeNumber)
    .addHelpText('after', examples('squilla saved rm sps_by_region'))
    .action(async (name: string, flags: SavedRemoveFlags) => {
      const { savedRemoveCommand } = await import('./commands/saved.ts');
      exit(await savedRemoveCommand(name, flags, context));
    });
  addPut(saved, context, exit);
  saved
    .command('check')
    .argument('<path...>', 'files or directories of saved queries')
    .description('check files of saved queries, before `squilla up --queries` reads them')
    .addHelpText('after', examples('squilla saved check queries/'))
    .action(async (paths: string[]) => {
      const { savedCheckCommand } = await import('./commands/saved-check.ts');
      exit(savedCheckCommand(paths, context));
    });
}

function addPut(saved: Command, context: CliContext, exit: Exit): void {
  client(saved.command('put').argument('<name>', 'the saved query'))
    .argument('[mql]', 'the query; left out: --file')
    .description('save a query, or change a saved one')
    .option('--file <path>', 'read the query from a file; - is standard input')
    .option('--description <text>', 'what it is for')
    .option('--keep', 'run it whether anybody looks or not, and keep its series')
    .option('--no-keep', 'let it run only while somebody looks')
    .option('--param <name=value>', 'value of a $parameter unless another is given', collect, {})
    .option('--if-version <n>', 'only if it is still this version (0: if it is new)', wholeNumber)
    .addHelpText(
      'after',
      examples(
        "squilla saved put sps_by_region 'select region, rate() as sps from plays window 10s group by region'",
        'squilla saved put sps_by_region --file queries/sps.mql --description "starts per second"',
      ),
    )
    .action(async (name: string, mql: string | undefined, flags: SavedPutFlags) => {
      const { savedPutCommand } = await import('./commands/saved.ts');
      exit(await savedPutCommand({ name, mql, flags }, context));
    });
  client(saved.command('diff').argument('<name>', 'the saved query'))
    .argument('[file]', 'a file with a query; - or none is standard input')
    .description('compare a saved query with a file; exit with 1 if they differ')
    .addHelpText('after', examples('squilla saved diff sps_by_region queries/sps.mql'))
    .action(async (name: string, file: string | undefined, flags: ClientFlags) => {
      const { savedDiffCommand } = await import('./commands/saved.ts');
      exit(await savedDiffCommand(name, file ?? '-', flags, context));
    });
}

export function addRunning(program: Command, context: CliContext, exit: Exit): void {
  client(program.command('queries'))
    .description('list running queries: who reads them, what they take')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla queries'))
    .action(async (flags: ClientFlags) => {
      const { queriesCommand } = await import('./commands/running.ts');
      exit(await queriesCommand(flags, context));
    });
  client(program.command('series').argument('[query]', 'a saved query, an id, or the text of one'))
    .description('show the past of a kept query; without one, list what is kept')
    .option('--from <time>', 'ISO 8601, or so long ago: 90m, 2d (default: a day)')
    .option('--to <time>', 'ISO 8601, or so long ago (default: now)')
    .option('--step <duration>', '10s (kept a day), 1m (a week) or 10m (35 days)')
    .option('--column <name>', 'only this column')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      examples(
        'squilla series sps_by_region --from 7d --step 10m',
        "squilla series 'select count(*) as n from plays window 10s' --from 2h --json",
      ),
    )
    .action(async (query: string | undefined, flags: SeriesFlags) => {
      const { seriesCommand } = await import('./commands/series.ts');
      exit(await seriesCommand(query ?? null, flags, context));
    });
  client(program.command('stop').argument('<id>', 'its id, or the first letters of it'))
    .description('end a running query for everybody who reads it')
    .addHelpText('after', examples('squilla stop 3f2a9c'))
    .action(async (id: string, flags: ClientFlags) => {
      const { stopCommand } = await import('./commands/running.ts');
      exit(await stopCommand(id, flags, context));
    });
}
