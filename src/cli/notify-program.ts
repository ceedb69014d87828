/** Names, options and help of the commands about who is told of alerts. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import type { ClientFlags } from './flags.ts';
import type { AckFlags, NotificationsFlags, RouteTestFlags, SilenceFlags } from './notify-flags.ts';

export interface NotifyParts {
  /** Adds the options of a client of a running engine. */
  readonly client: (command: Command) => Command;
  readonly exit: (code: number) => void;
  readonly examples: (...lines: string[]) => string;
}

export function addNotify(program: Command, context: CliContext, parts: NotifyParts): void {
  addSilence(program, context, parts);
  addIncidents(program, context, parts);
  addReceivers(program, context, parts);
  addRouteTest(program, context, parts);
}

function addSilence(program: Command, context: CliContext, parts: NotifyParts): void {
  const { client, exit, examples } = parts;
  const silence = program.command('silence').description('do not tell of some alerts for a while');
  const matching = (name: string): Command =>
    client(silence.command(name)).argument(
      '<matcher...>',
      "such as region=eu-west 'alertname=~sps.*'",
    );
  matching('add')
    .description('silence alerts, and say which ones that mutes now')
    .requiredOption('--for <duration>', 'how long: 30m, 2h, 1d')
    .requiredOption('--comment <text>', 'why')
    .option('--author <name>', 'who (default: the user of this machine)')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples("squilla silence add region=eu-west --for 2h --comment 'move'"))
    .action(async (matchers: string[], flags: SilenceFlags) => {
      const { silenceAddCommand } = await import('./commands/silence.ts');
      exit(await silenceAddCommand(matchers, flags, context));
    });
  matching('preview')
    .description('say which alerts a silence would mute now')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla silence preview region=eu-west'))
    .action(async (matchers: string[], flags: ClientFlags) => {
      const { silencePreviewCommand } = await import('./commands/silence.ts');
      exit(await silencePreviewCommand(matchers, flags, context));
    });
  client(silence.command('list'))
    .description('silences that are in force or will be; stale ones are marked')
    .option('--all', 'expired ones, too')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla silence list'))
    .action(async (flags: ClientFlags & { readonly all?: boolean }) => {
      const { silenceListCommand } = await import('./commands/silence.ts');
      exit(await silenceListCommand(flags, context));
    });
  client(silence.command('expire').argument('<id>', 'of the silence, or the beginning of it'))
    .description('end a silence; what still fires is told at once')
    .addHelpText('after', examples('squilla silence expire 3f1c'))
    .action(async (id: string, flags: ClientFlags) => {
      const { silenceExpireCommand } = await import('./commands/silence.ts');
      exit(await silenceExpireCommand(id, flags, context));
    });
}

function addIncidents(program: Command, context: CliContext, parts: NotifyParts): void {
  const { client, exit, examples } = parts;
  client(program.command('incidents'))
    .description('list incidents that are open at receivers')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla incidents'))
    .action(async (flags: ClientFlags) => {
      const { incidentsCommand } = await import('./commands/incidents.ts');
      exit(await incidentsCommand(flags, context));
    });
  client(program.command('ack').argument('<incident>', 'beginning of its id, or its alert'))
    .description('acknowledge an incident: no repetition, no escalation')
    .option('--for <duration>', 'page again after that (default: never)')
    .option('--comment <text>', 'what you are about to do')
    .option('--undo', 'take it back')
    .addHelpText('after', examples("squilla ack sps-drop --for 1h --comment 'rolling back'"))
    .action(async (incident: string, flags: AckFlags) => {
      const { ackCommand } = await import('./commands/incidents.ts');
      exit(await ackCommand(incident, flags, context));
    });
}

/** Below `rules`, where people look for it. */
function addRouteTest(program: Command, context: CliContext, parts: NotifyParts): void {
  const { client, exit, examples } = parts;
  const rules = program.commands.find((command) => command.name() === 'rules');
  if (rules === undefined) return;
  client(rules.command('route-test').argument('<label...>', 'alertname=sps-drop region=eu-west'))
    .description('say which receivers an alert with these labels would reach')
    .option('--file <path>', 'by these files instead of the running engine')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla rules route-test severity=critical region=eu-west'))
    .action(async (labels: string[], flags: RouteTestFlags) => {
      const { routeTestCommand } = await import('./commands/notify.ts');
      exit(await routeTestCommand(labels, flags, context));
    });
}

function addReceivers(program: Command, context: CliContext, parts: NotifyParts): void {
  const { client, exit, examples } = parts;
  const notify = program.command('notify').description('receivers and routes of alerts');
  client(notify.command('test').argument('<receiver>', 'its name'))
    .description('send a test page now and say what the receiver said')
    .addHelpText('after', examples('squilla notify test oncall'))
    .action(async (name: string, flags: ClientFlags) => {
      const { notifyTestCommand } = await import('./commands/notify.ts');
      exit(await notifyTestCommand(name, flags, context));
    });
  notify
    .command('check')
    .argument('<path>', 'file or directory of receivers and routes')
    .description('say what is wrong with the files, without an engine')
    .addHelpText('after', examples('squilla notify check /etc/squilla/notify'))
    .action(async (path: string) => {
      const { notifyCheckCommand } = await import('./commands/notify.ts');
      exit(notifyCheckCommand(path, context));
    });
  notify
    .command('convert')
    .argument('<file>', 'configuration of an Alertmanager')
    .description('print it as receivers and routes of ours, and say what has to be seen to')
    .addHelpText('after', examples('squilla notify convert alertmanager.yml > notify.yaml'))
    .action(async (file: string) => {
      const { notifyConvertCommand } = await import('./commands/notify.ts');
      exit(notifyConvertCommand(file, context));
    });
  client(notify.command('receivers'))
    .description('list receivers with what waits for them')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla notify receivers'))
    .action(async (flags: ClientFlags) => {
      const { receiversCommand } = await import('./commands/notify.ts');
      exit(await receiversCommand(flags, context));
    });
  client(program.command('notifications'))
    .description('print the delivery log, newest first')
    .option('--receiver <name>', 'only to this one')
    .option('--incident <id>', 'only of this one')
    .option('--state <state>', 'waiting, sent, failed or dropped')
    .option('--limit <n>', 'so many (default: 100)')
    .option('--pages', 'print what was told as a person reads it')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      examples('squilla notifications --state failed', 'squilla notifications --pages --limit 1'),
    )
    .action(async (flags: NotificationsFlags) => {
      const { notificationsCommand } = await import('./commands/notify.ts');
      exit(await notificationsCommand(flags, context));
    });
}
