/** Options that several commands share, and how their texts are read. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

const DEFAULT_URL = 'http://127.0.0.1:7070';

export type Exit = (code: number) => void;

/** A command that talks to a running engine. */
export function client(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'address of the engine')
        .env('SQUILLA_URL')
        .default(DEFAULT_URL)
        .argParser(address),
    )
    .addOption(tokenOption('read'));
}

/** A command that can do without an engine; one that is named is asked for `what`. */
export function knowing(command: Command, what: string): Command {
  return command
    .addOption(new Option('--url <url>', `engine that knows ${what}`).env('SQUILLA_URL'))
    .addOption(tokenOption('read'));
}

export function tokenOption(scope: 'read' | 'ingest'): Option {
  return new Option('--token <token>', `token with scope ${scope}`).env('SQUILLA_TOKEN');
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('not a whole number.');
  return value;
}

/** For options that may be given several times. */
export function listed(text: string, known: readonly string[] = []): string[] {
  return [...known, text];
}

export function address(text: string): string {
  if (/^(https?|wss?):/i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('not an address such as http://127.0.0.1:7070.');
}

export function collect(
  text: string,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write it as name=value.');
  return { ...known, [text.slice(0, at)]: text.slice(at + 1) };
}
