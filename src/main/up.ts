/** `squilla up`: this process becomes the supervisor of an engine. */
import type { CliContext } from '../cli/context.ts';
import { createPaint } from '../cli/paint.ts';
import type { UpFlags } from '../cli/flags.ts';
import { faultText } from '../core/errors.ts';
import type { EngineReady, EngineRunOptions } from './engine-options.ts';
import { LISTENER_NAMES } from '../gateway/listener-names.ts';
import { runOptionsFrom } from './run-options.ts';
import { supervise } from './supervisor.ts';

export async function upCommand(flags: UpFlags, context: CliContext): Promise<number> {
  const result = await runOptionsFrom(flags);
  if (!result.ok) {
    context.err(`${faultText('ENGINE_BAD_CONFIG')}\n`);
    for (const mistake of result.mistakes) context.err(`${mistake}\n`);
    return 2;
  }
  const supervisor = supervise({
    run: result.options,
    now: context.now,
    onReady: (ready, restarts) => {
      if (restarts === 0) context.out(banner(ready, result.options, context));
      else context.err(`the engine is up again (restart ${restarts})\n`);
    },
    onNotice: (line) => context.err(`${line}\n`),
  });
  process.on('SIGINT', () => supervisor.stop('the engine was stopped'));
  process.on('SIGTERM', () => supervisor.stop('the engine was stopped'));
  return supervisor.ended;
}

function banner(ready: EngineReady, options: EngineRunOptions, context: CliContext): string {
  const paint = createPaint(context.colors);
  const token = ready.ownTokens === null ? '' : `#token=${ready.ownTokens.dashboard}`;
  const scheme = options.tls === null ? 'ws' : 'wss';
  const agents = new URL(ready.url);
  const shards = `${ready.shards} ${ready.shards === 1 ? 'shard' : 'shards'}`;
  const lines = [
    `${paint('bold', `Squilla ${context.version}`)} is up`,
    '',
    `  dashboard  ${paint('cyan', `${ready.url}/${token}`)}`,
    `  agents     ${scheme}://${agents.hostname}:${ready.ingestPort}/  (${ready.transport}, ${shards})`,
    ...listenerLines(ready, agents.hostname),
    `  try        squilla query '${exampleQuery(options.demo)}'`,
    '',
    '  Ctrl-C stops it.',
    '',
  ];
  return lines.join('\n');
}

/** Where programs that know nothing of Squilla may send. */
function listenerLines({ listeners, url }: EngineReady, host: string): string[] {
  const schemes = { otlp: new URL(url).protocol, statsd: 'udp:', syslog: 'udp+tcp:' } as const;
  return LISTENER_NAMES.flatMap((name) => {
    const port = listeners[name];
    return port === undefined ? [] : [`  ${name.padEnd(10)} ${schemes[name]}//${host}:${port}`];
  });
}

function exampleQuery(demo: boolean): string {
  return demo
    ? 'select rate() as sps, p99(latency) from plays window 1s group by region'
    : 'select * from squilla.engine';
}
