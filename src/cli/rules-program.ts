/** The commands below `squilla rules`: names, options and help; what they do is loaded when run. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import type {
  BacktestFlags,
  ClientFlags,
  RuleFileFlags,
  RuleTestFlags,
  WhyFlags,
} from './flags.ts';
import { knowing } from './options.ts';

export interface RulesProgramParts {
  readonly program: Command;
  readonly context: CliContext;
  readonly exit: (code: number) => void;
  /** Adds the options of a command that calls an engine. */
  readonly client: (command: Command) => Command;
  readonly examples: (...lines: string[]) => string;
}

export function addRules(parts: RulesProgramParts): void {
  const rules = parts.program
    .command('rules')
    .description('alert rules: write, check, test, try on the past, look after');
  addFileCommands(rules, parts);
  addEngineCommands(rules, parts);
}

function addFileCommands(
  rules: Command,
  { client, context, exit, examples }: RulesProgramParts,
): void {
  rules
    .command('new')
    .argument('[template]', 'which; none lists them')
    .description('print a commented rule to begin with')
    .addHelpText('after', examples('squilla rules new sps-drop > rules/sps.yaml'))
    .action(async (template: string | undefined) => {
      const { rulesNewCommand } = await import('./commands/rule-files.ts');
      exit(rulesNewCommand(template, context));
    });
  const check = rules
    .command('check')
    .argument('<files...>', 'rule files')
    .description('say what is wrong with rule files, without an engine')
    .option('--json', 'print mistakes as JSON');
  knowing(check, 'saved queries')
    .addHelpText('after', examples('squilla rules check rules/*.yaml'))
    .action(async (files: string[], flags: RuleFileFlags) => {
      const { rulesCheckCommand } = await import('./commands/rule-files.ts');
      exit(await rulesCheckCommand(files, flags, context));
    });
  const lint = rules
    .command('lint')
    .argument('<files...>', 'rule files')
    .description('say what would page for nothing, or not at all; fails if anything would')
    .option('--json', 'print warnings as JSON');
  knowing(lint, 'the streams')
    .addHelpText('after', examples('squilla rules lint rules/*.yaml --url http://127.0.0.1:7070'))
    .action(async (files: string[], flags: RuleFileFlags) => {
      const { rulesLintCommand } = await import('./commands/rule-files.ts');
      exit(await rulesLintCommand(files, flags, context));
    });
  const test = rules
    .command('test')
    .argument('<files...>', 'test files; see docs/alerting.md')
    .description('run unit tests of rules under virtual time')
    .option('--junit <file>', 'also write the results as JUnit XML');
  knowing(test, 'saved queries')
    .addHelpText('after', examples('squilla rules test rules/tests/*.yaml --junit results.xml'))
    .action(async (files: string[], flags: RuleTestFlags) => {
      const { rulesTestCommand } = await import('./commands/rule-tests.ts');
      exit(await rulesTestCommand(files, flags, context));
    });
  client(rules.command('backtest').argument('<file>', 'rule file'))
    .description('say what rules would have done over events of the past, or over kept series')
    .option('--data <file>', 'NDJSON, in order of time; - is standard input')
    .option('--time <field>', 'field that holds the time of an event')
    .option('--stream <name>', 'stream that the events belong to')
    .option('--kept <duration>', 'instead of --data: what an engine kept of the last 24h, 7d, …')
    .option('--rule <name>', 'which rule of the file (default: the only one)')
    .option('--sweep <list>', 'other thresholds for `when`: 5,10,20')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples(
        'squilla rules backtest sps.yaml --data plays.ndjson --time ts --stream plays --sweep 5,10,20',
        'squilla rules backtest sps.yaml --kept 7d --sweep 5,10,20',
      ),
    )
    .action(async (file: string, flags: BacktestFlags) => {
      const { rulesBacktestCommand } = await import('./commands/rule-backtest.ts');
      exit(await rulesBacktestCommand(file, flags, context));
    });
}

function addEngineCommands(rules: Command, parts: RulesProgramParts): void {
  const { client, context, examples, exit } = parts;
  client(rules.command('list'))
    .description('rules of an engine, and how they are')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla rules list'))
    .action(async (flags: ClientFlags) => {
      const { rulesListCommand } = await import('./commands/rules.ts');
      exit(await rulesListCommand(flags, context));
    });
  client(rules.command('show').argument('<name>', 'the rule'))
    .description('one rule: its text, its alerts, what they were lately')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla rules show sps-drop'))
    .action(async (name: string, flags: ClientFlags) => {
      const { rulesShowCommand } = await import('./commands/rules.ts');
      exit(await rulesShowCommand(name, flags, context));
    });
  client(rules.command('why').argument('<name>', 'the rule'))
    .description('why its alerts did or did not fire')
    .option('--key <column=value>', 'only the alert with this key (repeatable)', collect, [])
    .option('--at <time>', 'only the window that holds this time: milliseconds or ISO 8601')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla rules why sps-drop --key region=eu-west'))
    .action(async (name: string, flags: WhyFlags) => {
      const { rulesWhyCommand } = await import('./commands/rules.ts');
      exit(await rulesWhyCommand(name, flags, context));
    });
  client(rules.command('diff').argument('<files...>', 'all rule files of the engine'))
    .description('what would change if an engine took these files')
    .option('--json', 'print as JSON')
    .addHelpText('after', examples('squilla rules diff rules/*.yaml'))
    .action(async (files: string[], flags: ClientFlags) => {
      const { rulesDiffCommand } = await import('./commands/rules.ts');
      exit(await rulesDiffCommand(files, flags, context));
    });
}

function collect(text: string, known: readonly string[]): string[] {
  return [...known, text];
}
