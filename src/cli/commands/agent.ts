/**
 * `squilla agent host|tail|journald|stdin|exec|scrape`: sources of telemetry run from the command
 * line.
 */
import { runCommandAgent } from '../../../agents/exec.ts';
import type { RunningCommand } from '../../../agents/exec.ts';
import { runHostAgent } from '../../../agents/host.ts';
import type { LineFormat } from '../../../agents/parsers/choose.ts';
import { runScrapeAgent } from '../../../agents/scrape.ts';
import type { WhenFull } from '../../../agents/overflow.ts';
import type { RunningSource, SourceOptions } from '../../../agents/source.ts';
import { runJournaldAgent } from '../../../agents/journald.ts';
import { runStdinAgent } from '../../../agents/stdin.ts';
import { runTailAgent } from '../../../agents/tail.ts';
import type { CliContext } from '../context.ts';
import { durationMs } from '../duration.ts';
import type { AgentFlags } from '../flags.ts';

export async function agentHostCommand(flags: AgentFlags, context: CliContext): Promise<number> {
  const every = everyOption(flags, context);
  if (every === null) return 2;
  const source = runHostAgent({ ...sourceOptions(flags, context), ...every });
  return untilInterrupted(source, context);
}

export async function agentScrapeCommand(
  targets: readonly string[],
  flags: AgentFlags,
  context: CliContext,
): Promise<number> {
  const every = everyOption(flags, context);
  if (every === null) return 2;
  let source: RunningSource;
  try {
    source = runScrapeAgent({
      ...{ ...sourceOptions(flags, context), ...every, targets },
      ...(flags.job === undefined ? {} : { job: flags.job }),
      ...(flags.stream === undefined ? {} : { stream: flags.stream }),
    });
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return untilInterrupted(source, context);
}

/** Null: it is no duration, and that has been said. */
function everyOption({ every }: AgentFlags, context: CliContext): { intervalMs?: number } | null {
  if (every === undefined) return {};
  const intervalMs = durationMs(every);
  if (intervalMs !== null && intervalMs > 0) return { intervalMs };
  context.err(`--every: not a duration: ${every}\n`);
  return null;
}

export async function agentTailCommand(
  files: readonly string[],
  flags: AgentFlags,
  context: CliContext,
): Promise<number> {
  let source: RunningSource;
  try {
    source = await runTailAgent({
      ...sourceOptions(flags, context),
      ...parsingOptions(flags),
      files,
      from: flags.fromStart === true ? 'start' : 'end',
      ...(flags.multiline === undefined ? {} : { multiline: flags.multiline }),
      ...(flags.checkpoint === undefined ? {} : { checkpoint: flags.checkpoint }),
    });
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return untilInterrupted(source, context);
}

export async function agentJournaldCommand(
  flags: AgentFlags,
  context: CliContext,
): Promise<number> {
  let source: RunningSource;
  try {
    source = await runJournaldAgent({
      ...sourceOptions(flags, context),
      from: flags.fromStart === true ? 'start' : 'end',
      ...(flags.stream === undefined ? {} : { stream: flags.stream }),
      ...(flags.unit === undefined ? {} : { units: flags.unit }),
      ...(flags.directory === undefined ? {} : { directory: flags.directory }),
      ...(flags.checkpoint === undefined ? {} : { checkpoint: flags.checkpoint }),
    });
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return untilInterrupted(source, context);
}

export async function agentStdinCommand(flags: AgentFlags, context: CliContext): Promise<number> {
  const ended = new AbortController();
  let source: RunningSource;
  try {
    source = runStdinAgent({
      ...sourceOptions(flags, context),
      ...parsingOptions(flags),
      onEnd: () => ended.abort(),
    });
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return untilInterrupted(source, { ...context, signal: either(context.signal, ended.signal) });
}

/** Passed on to the command. Ctrl-C reaches it by itself if both have the terminal. */
const PASSED: readonly NodeJS.Signals[] = [
  ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const),
  ...(['SIGCONT', 'SIGWINCH'] as const),
];
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

export async function agentExecCommand(
  command: readonly string[],
  flags: AgentFlags,
  context: CliContext,
): Promise<number> {
  const [program = '', ...args] = command;
  // Before the command runs, so that no signal ends this process and leaves it behind.
  let run: RunningCommand | null = null;
  const passing = PASSED.map((signal) => {
    const pass = (): void => {
      if (!(process.stdin.isTTY && FROM_TERMINAL.has(signal))) run?.signal(signal);
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  try {
    run = runCommandAgent({
      ...sourceOptions(flags, context),
      ...parsingOptions(flags),
      command: program,
      args,
    });
    return await run.ended;
  } catch (error) {
    context.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  } finally {
    for (const stop of passing) stop();
  }
}

function sourceOptions(flags: AgentFlags, context: CliContext): SourceOptions {
  return {
    url: [flags.url, ...(flags.also ?? [])],
    onLine: (line) => context.err(`${line}\n`),
    ...(flags.token === undefined ? {} : { token: flags.token }),
    ...(flags.spool === undefined ? {} : { spool: flags.spool }),
    ...(flags.whenFull === undefined ? {} : { whenFull: flags.whenFull as WhenFull }),
  };
}

function parsingOptions(flags: AgentFlags): {
  stream?: string;
  format?: LineFormat;
  pattern?: string;
} {
  return {
    ...(flags.stream === undefined ? {} : { stream: flags.stream }),
    ...(flags.format === undefined ? {} : { format: flags.format as LineFormat }),
    ...(flags.pattern === undefined ? {} : { pattern: flags.pattern }),
  };
}

async function untilInterrupted(source: RunningSource, context: CliContext): Promise<number> {
  // The agent's own timers never keep a process alive; the command does.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(alive);
  await source.close();
  return 0;
}

function either(a: AbortSignal, b: AbortSignal): AbortSignal {
  return AbortSignal.any([a, b]);
}
