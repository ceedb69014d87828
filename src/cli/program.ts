/**
 * The command line. Only names, options and help texts live here; what a command does is loaded
 * when it runs, so that `--help` answers at once.
 */
import { Command, Option } from 'commander';
import type { CliContext } from './context.ts';
import { addAgents } from './agent-program.ts';
import { addNotify } from './notify-program.ts';
import type {
  ClientFlags,
  DemoFlags,
  CheckFlags,
  EvalFlags,
  ExplainFlags,
  FmtFlags,
  QueryFlags,
  TablePutFlags,
  UpFlags,
} from './flags.ts';
import { addAnnotations, addBoards } from './boards-program.ts';
import { addRules } from './rules-program.ts';

import { client, collect, examples, listed, wholeNumber } from './options.ts';
import type { Exit } from './options.ts';
import { addRunning, addSaved } from './program-saved.ts';

/** `up` starts processes and is handed in by the entry. */
export interface CliActions {
  readonly up: (options: UpFlags, context: CliContext) => Promise<number>;
}

/** Parses and runs; resolves with the exit code: 0 good, 1 it failed, 2 it was called wrongly. */
export async function runCli(
  argv: readonly string[],
  context: CliContext,
  actions: CliActions,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram(context, actions, (code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    // Commander has printed what was wrong; help and version are no mistakes.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

export function createProgram(
  context: CliContext,
  actions: CliActions,
  exit: (code: number) => void,
): Command {
  const program = new Command('squilla')
    .description('Ask production a question, see the answer live.')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureOutput({
      writeOut: (text) => context.out(text),
      writeErr: (text) => context.err(text),
    })
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', TOUR);
  addUp(program, context, actions, exit);
  addQuery(program, context, exit);
  addCheck(program, context, exit);
  addExplain(program, context, exit);
  addFmt(program, context, exit);
  addEval(program, context, exit);
  addTable(program, context, exit);
  addAgents(program, context, exit);
  addViews(program, context, exit);
  addSaved(program, context, exit);
  addRunning(program, context, exit);
  addRules({ program, context, exit, client, examples });
  addBoards(program, context, exit);
  addAnnotations(program, context, exit);
  addNotify(program, context, { client, exit, examples });
  addDemo(program, context, exit);
  return program;
}

function addUp(program: Command, context: CliContext, actions: CliActions, exit: Exit): void {
  program
    .command('up')
    .description('start the engine: API and dashboard on one port, agents on another')
    .option('--demo', 'also simulate a streaming service and report this machine as streams')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <n>', 'API, dashboard and clients (default: 7070; 0 picks one)', wholeNumber)
    .option('--ingest-port <n>', 'agents and bulk ingest (default: 7071; 0 picks one)', wholeNumber)
    .option('--shards <n>', 'threads that evaluate queries, or auto (default: auto)')
    .option(
      '--listen <name=port>',
      'also take otlp (4318), statsd (8125) or syslog (5514), e.g. --listen otlp (repeatable)',
      listed,
    )
    .option('--rules <dir>', 'alert rules in YAML, read anew when they change')
    .option('--queries <dir>', 'saved queries in .mql and YAML, read anew when they change')
    .option('--boards <dir>', 'boards in YAML, read anew when they change')
    .option('--notify <path>', 'receivers and routes in YAML, read anew when they change')
    .option('--data <dir>', 'what outlives a restart: alerts, silences, tokens')
    .addOption(
      new Option('--transport <name>', 'sockets of the ingest port (default: auto)').choices([
        'auto',
        'uws',
        'ws',
      ]),
    )
    .option('--config <file>', 'settings in YAML; see docs/configuration.md')
    .option('--tls-cert <file>', 'certificate in PEM, for both ports')
    .option('--tls-key <file>', 'its key in PEM')
    .option('--insecure', 'allow plain text on an address that is not loopback')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .addHelpText(
      'after',
      examples('squilla up --demo', 'squilla up --port 8080 --config squilla.yaml'),
    )
    .action(async (flags: UpFlags) => exit(await actions.up(flags, context)));
}

const VIEW_TEXT = 'a query that FROM may name, from a file (repeatable)';

function addQuery(program: Command, context: CliContext, exit: Exit): void {
  client(program.command('query'))
    .argument('[mql]', 'the query; left out: --saved')
    .description('run a query and print live rows')
    .option('--saved <name>', 'run a saved query; --param goes over its own values')
    .option('--json', 'print result messages as NDJSON')
    .option('--rows', 'print rows and nothing else as NDJSON, for a file')
    .option('--kept', 'begin with the newest windows that are kept, if the query runs already')
    .option('--limit <n>', 'stop after so many rows', wholeNumber)
    .option('--for <duration>', 'stop after a while, e.g. 10s or 5m')
    .option('--param <name=value>', 'value of a $parameter (repeatable)', collect, {})
    .addHelpText(
      'after',
      examples(
        "squilla query 'select rate() as sps, p99(latency) from plays window 1s group by region'",
        "squilla query 'select * from requests where status >= 500' --limit 5 --json",
        "squilla query 'select *, event_time() as ts from plays' --rows --for 1m > plays.ndjson",
        'squilla query --saved sps_by_region',
        "squilla query 'explain analyze select count(*) from plays window 1s'",
      ),
    )
    .action(async (mql: string | undefined, flags: QueryFlags) => {
      const { queryCommand } = await import('./commands/query.ts');
      exit(await queryCommand(mql, flags, context));
    });
}

function addCheck(program: Command, context: CliContext, exit: Exit): void {
  program
    .command('check')
    .argument('<mql>', 'the query')
    .description('say what is wrong with a query, without an engine')
    .option('--json', 'print diagnostics as JSON')
    .option('--explain', 'also print the plan')
    .option('--view <name=file>', VIEW_TEXT, collect, {})
    .addHelpText(
      'after',
      examples(
        "squilla check 'select count(*) from plays gruop by region'",
        "squilla check 'select max(starts) from busy window 1m' --view busy=busy.mql",
      ),
    )
    .action(async (mql: string, flags: CheckFlags) => {
      const { checkCommand } = await import('./commands/check.ts');
      exit(await checkCommand(mql, flags, context));
    });
}

function addExplain(program: Command, context: CliContext, exit: Exit): void {
  client(program.command('explain'))
    .argument('<mql>', 'the query')
    .description('show the plan of a query: what of it runs where')
    .option('--offline', 'ask no engine: plan without knowing its streams')
    .option('--view <name=file>', `${VIEW_TEXT}; with --offline`, collect, {})
    .option('--json', 'print plan and diagnostics as JSON')
    .option('--param <name=value>', 'value of a $parameter (repeatable)', collect, {})
    .addHelpText(
      'after',
      examples("squilla explain 'select p99(latency) from plays window 1s group by region'"),
    )
    .action(async (mql: string, flags: ExplainFlags) => {
      const { explainCommand } = await import('./commands/explain.ts');
      exit(await explainCommand(mql, flags, context));
    });
}

function addFmt(program: Command, context: CliContext, exit: Exit): void {
  program
    .command('fmt')
    .argument('[files...]', 'files of one query each; - or none is standard input')
    .description('lay queries out for people to read; comments stay')
    .option('--write', 'rewrite the files instead of printing')
    .option('--check', 'change nothing; exit with 1 if a file is not laid out so')
    .addHelpText(
      'after',
      examples(
        "echo 'select rate() from plays window 1s' | squilla fmt",
        'squilla fmt --write queries/*.mql',
        'squilla fmt --check queries/*.mql',
      ),
    )
    .action(async (files: string[], flags: FmtFlags) => {
      const { fmtCommand } = await import('./commands/fmt.ts');
      exit(await fmtCommand(files, flags, context));
    });
}

function addTable(program: Command, context: CliContext, exit: Exit): void {
  const table = program.command('table').description('tables that joins look up');
  client(table.command('put').argument('<name>', 'name in FROM').argument('<from>', 'file or URL'))
    .description('make a table of a file, or of a URL that is asked again and again')
    .option('--key <column>', 'column that joins compare (default: the first)')
    .option('--refresh <duration>', 'how often the URL is asked, e.g. 5m (default: 1m)')
    .option('--format <format>', 'csv, json or ndjson (default: by the name, or as sent)')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      examples(
        'squilla table put titles titles.csv --key id',
        'squilla table put owners https://cmdb.example/owners.json --refresh 5m',
      ),
    )
    .action(async (name: string, file: string, flags: TablePutFlags) => {
      const { tablePutCommand } = await import('./commands/table.ts');
      exit(await tablePutCommand(name, file, flags, context));
    });
  client(table.command('list'))
    .description('list tables with their keys and columns')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla table list'))
    .action(async (flags: ClientFlags) => {
      const { tableListCommand } = await import('./commands/table.ts');
      exit(await tableListCommand(flags, context));
    });
  client(table.command('show').argument('<name>', 'the table'))
    .description('one table and its first rows')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla table show titles'))
    .action(async (name: string, flags: ClientFlags) => {
      const { tableShowCommand } = await import('./commands/table.ts');
      exit(await tableShowCommand(name, flags, context));
    });
  client(table.command('rm').argument('<name>', 'the table'))
    .description('remove a table that no query reads')
    .addHelpText('after', examples('squilla table rm titles'))
    .action(async (name: string, flags: ClientFlags) => {
      const { tableRmCommand } = await import('./commands/table.ts');
      exit(await tableRmCommand(name, flags, context));
    });
}

function addEval(program: Command, context: CliContext, exit: Exit): void {
  program
    .command('eval')
    .argument('<mql>', 'the query')
    .argument('[files...]', 'NDJSON files, or stream=file; - or none is standard input')
    .description('run a query over finite events and print the result rows as NDJSON')
    .option('--time <field>', 'field that holds the event time')
    .option('--now <time>', 'what now() is: milliseconds or ISO 8601')
    .option(
      '--table <name=file>',
      'a table for joins: .csv, .json or .ndjson (repeatable)',
      collect,
      {},
    )
    .option('--view <name=file>', VIEW_TEXT, collect, {})
    .option('--table-key <name=column>', 'its key (default: the first column)', collect, {})
    .option('--param <name=value>', 'value of a $parameter (repeatable)', collect, {})
    .addHelpText(
      'after',
      examples(
        "squilla eval 'select count(*), avg(ms) from access group by status' access.ndjson",
        "cat events.ndjson | squilla eval 'select user where status >= 500'",
        "squilla eval 'select p.id, t.name from plays p join titles t on p.title = t.id' " +
          'plays=plays.ndjson --table titles=titles.csv',
      ),
    )
    .action(async (mql: string, files: string[], flags: EvalFlags) => {
      const { evalCommand } = await import('./commands/eval.ts');
      exit(await evalCommand({ mql, files, flags }, context));
    });
}

function addViews(program: Command, context: CliContext, exit: Exit): void {
  client(program.command('streams'))
    .argument('[stream]', 'only this one: its fields, their types and some values')
    .description('list streams with their fields')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla streams', 'squilla streams plays'))
    .action(async (stream: string | undefined, flags: ClientFlags) => {
      const { streamsCommand } = await import('./commands/views.ts');
      exit(await streamsCommand(stream, flags, context));
    });
  client(program.command('agents'))
    .description('list agents: state, lag, losses, and what queries cost them')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla agents'))
    .action(async (flags: ClientFlags) => {
      const { agentsCommand } = await import('./commands/agents.ts');
      exit(await agentsCommand(flags, context));
    });
  client(program.command('status'))
    .description('is the engine well: shards, agents, queries, ledger')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla status'))
    .action(async (flags: ClientFlags) => {
      const { statusCommand } = await import('./commands/views.ts');
      exit(await statusCommand(flags, context));
    });
}

function addDemo(program: Command, context: CliContext, exit: Exit): void {
  const demo = program.command('demo').description('incidents on demand in the demo service');
  client(demo.command('break'))
    .description('begin an incident')
    .option('--region <name>', 'where (default: eu-west)')
    .addOption(
      new Option('--kind <kind>', 'what (default: outage)').choices([
        'outage',
        'tv-outage',
        'slow',
        'errors',
        'agents-die',
      ]),
    )
    .addHelpText('after', examples('squilla demo break --region eu-west --kind outage'))
    .action(async (flags: DemoFlags) => {
      const { demoBreakCommand } = await import('./commands/demo.ts');
      exit(await demoBreakCommand(flags, context));
    });
  client(demo.command('heal'))
    .description('end all incidents')
    .addHelpText('after', examples('squilla demo heal'))
    .action(async (flags: DemoFlags) => {
      const { demoHealCommand } = await import('./commands/demo.ts');
      exit(await demoHealCommand(flags, context));
    });
}

const TOUR = `
Examples:
  squilla up --demo                         start everything, with live demo data
  squilla query 'select * from host.cpu'    ask; rows arrive as they happen
  squilla status                            is the engine well

Exit codes: 0 good, 1 it failed, 2 it was called wrongly.`;

function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number';
}
