/** The commands below `squilla agent`: names, options and help; what they do is loaded when run. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import type { AgentFlags } from './flags.ts';
import { address, examples, tokenOption } from './options.ts';
import type { Exit } from './options.ts';

const DEFAULT_INGEST_URL = 'ws://127.0.0.1:7071';

export function addAgents(program: Command, context: CliContext, exit: Exit): void {
  const agent = program
    .command('agent')
    .description('offer this machine, log files, the journal, a command or input as streams');
  addHost(agent, context, exit);
  addTail(agent, context, exit);
  addJournald(agent, context, exit);
  addStdin(agent, context, exit);
  addExec(agent, context, exit);
  addScrape(agent, context, exit);
}

function addHost(agent: Command, context: CliContext, exit: Exit): void {
  connecting(agent.command('host'))
    .description('cpu, memory, disks, network and processes of this machine, once a second')
    .option('--every <duration>', 'how often to look (default: 1s)')
    .addHelpText('after', examples('squilla agent host'))
    .action(async (flags: AgentFlags) => {
      const { agentHostCommand } = await import('./commands/agent.ts');
      exit(await agentHostCommand(flags, context));
    });
}

function addTail(agent: Command, context: CliContext, exit: Exit): void {
  const tail = agent
    .command('tail')
    .argument('<files...>', 'files to follow; quoted, patterns with * ? ** find new ones too');
  parsing(connecting(tail), 'the name of the file')
    .description('follow log files through rotation and truncation')
    .option('--from-start', 'read what is there already, too')
    .option('--multiline <regex>', 'lines that match begin an event, others go on with it')
    .option('--checkpoint <file>', 'keep here where each file stands, and go on there')
    .addHelpText(
      'after',
      examples(
        'squilla agent tail /var/log/nginx/access.log --stream nginx',
        "squilla agent tail '/var/log/app/*.log' --stream app --checkpoint /var/lib/app.tail",
        "squilla agent tail /srv/app/out.log --multiline '^[0-9]{4}-' --format text",
      ),
    )
    .action(async (files: string[], flags: AgentFlags) => {
      const { agentTailCommand } = await import('./commands/agent.ts');
      exit(await agentTailCommand(files, flags, context));
    });
}

function addJournald(agent: Command, context: CliContext, exit: Exit): void {
  connecting(agent.command('journald'))
    .description('follow the systemd journal')
    .option('--stream <name>', 'name of the stream (default: journal)')
    .option('--unit <name...>', 'only entries of these units')
    .option('--directory <dir>', "journal files there instead of this machine's journal")
    .option('--from-start', 'read what is there already, too')
    .option('--checkpoint <file>', 'keep here which entry was read last, and go on there')
    .addHelpText(
      'after',
      examples(
        'squilla agent journald',
        'squilla agent journald --unit nginx.service --checkpoint /var/lib/journal.squilla',
      ),
    )
    .action(async (flags: AgentFlags) => {
      const { agentJournaldCommand } = await import('./commands/agent.ts');
      exit(await agentJournaldCommand(flags, context));
    });
}

function addStdin(agent: Command, context: CliContext, exit: Exit): void {
  parsing(connecting(agent.command('stdin')), 'stdin')
    .description('read events from standard input until it ends')
    .addHelpText('after', examples('./sensor --follow | squilla agent stdin --stream sensor'))
    .action(async (flags: AgentFlags) => {
      const { agentStdinCommand } = await import('./commands/agent.ts');
      exit(await agentStdinCommand(flags, context));
    });
}

function addExec(agent: Command, context: CliContext, exit: Exit): void {
  const exec = agent.command('exec').argument('<command...>', 'what to run, after --');
  parsing(connecting(exec), 'the name of the command')
    .description('run a command; what it prints and how it ends are events')
    .usage('[options] -- <command...>')
    .addHelpText(
      'after',
      examples(
        'squilla agent exec -- ./nightly-backup.sh --full',
        'squilla agent exec --stream importer --format json -- node importer.js',
      ),
    )
    .action(async (command: string[], flags: AgentFlags) => {
      const { agentExecCommand } = await import('./commands/agent.ts');
      exit(await agentExecCommand(command, flags, context));
    });
}

function addScrape(agent: Command, context: CliContext, exit: Exit): void {
  const scrape = agent
    .command('scrape')
    .argument('<urls...>', 'targets, e.g. http://a:9100/metrics');
  connecting(scrape)
    .description('ask Prometheus targets for their metrics while a query reads them')
    .option('--stream <name>', 'name of the stream (default: prometheus)')
    .option('--job <name>', 'label job of all samples (default: scrape)')
    .option('--every <duration>', 'how often to ask (default: 5s)')
    .addHelpText('after', examples('squilla agent scrape http://127.0.0.1:9100/metrics --job node'))
    .action(async (urls: string[], flags: AgentFlags) => {
      const { agentScrapeCommand } = await import('./commands/agent.ts');
      exit(await agentScrapeCommand(urls, flags, context));
    });
}

function connecting(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'ingest address of the engine')
        .env('SQUILLA_INGEST_URL')
        .default(DEFAULT_INGEST_URL)
        .argParser(address),
    )
    .addOption(tokenOption('ingest'))
    .addOption(
      new Option('--also <url>', 'engine to go to when that one is away; may be repeated')
        .default([], 'none')
        .argParser((text: string, before: readonly string[]) => [...before, address(text)]),
    )
    .option('--spool <folder>', 'where events wait while no engine is there and memory is full')
    .addOption(
      new Option('--when-full <what>', 'what gives way when all is full').choices([
        'drop-oldest',
        'drop-newest',
        'sample',
      ]),
    );
}

function parsing(command: Command, streamDefault: string): Command {
  return command
    .option('--stream <name>', `name of the stream (default: ${streamDefault})`)
    .addOption(
      new Option('--format <name>', 'how lines are read (default: guessed)').choices([
        'json',
        'logfmt',
        'combined',
        'regex',
        'text',
      ]),
    )
    .option('--pattern <regex>', 'with --format regex: named groups become fields');
}
